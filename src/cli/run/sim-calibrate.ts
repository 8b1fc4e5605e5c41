import { EXIT } from "../../base/errors.ts";
import { type Json, stringifyJson } from "../../base/json.ts";
import type { MeasuredTable } from "../../evidence/measured-table.ts";
import { measureStores } from "../../scenarios/calibration/stores.ts";
import { type MeasureOptions, measureTransfers } from "../../scenarios/calibration/transfers.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeClock, nodeTimers } from "../../world/node/time.ts";
import type { AprContext, Run } from "../context.ts";
import { calibrationText } from "../sim/calibration-text.ts";
import type { CalibrateFlags } from "../sim/calibrate-flags.ts";
import { measureInParts } from "../sim/parts.ts";
import { absolute, stoppable } from "../store/open.ts";
import { VERSION } from "../version.ts";

export const run: Run<CalibrateFlags, []> = async (context, flags) => {
  const table = await stoppable((signal) =>
    flags.jobs > 1 ? measureInParts(context, flags, signal) : measureHere(context, flags, signal),
  );
  const document = table as unknown as Json;
  if (flags.out !== undefined) {
    await nodeFiles.writeAtomic(absolute(flags.out), `${stringifyJson(document, 2)}\n`);
  }
  context.out(flags.json ? `${stringifyJson(document)}\n` : calibrationText(table));
  return EXIT.ok;
};

async function measureHere(
  context: AprContext,
  { seeds, stores }: CalibrateFlags,
  signal: AbortSignal,
): Promise<MeasuredTable> {
  const options = (what: string, [first, last]: readonly [number, number]): MeasureOptions => ({
    ...{ seeds: [first, last], signal },
    onSeed: counter(context, what, last - first),
  });
  const subjects = [
    await measureTransfers(options("pulls", seeds)),
    await measureStores(options("stores", stores)),
  ];
  return { schema_version: 1, apr_version: VERSION, subjects };
}

const EVERY_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

/** Lets a Ctrl-C come through now and then; on a terminal it also shows a line that is rewritten, gone at the end. */
function counter(context: AprContext, what: string, total: number): () => Promise<void> {
  const terminal = isTerminal(2);
  let done = 0;
  let lastMs = nodeClock.monotonicMs();
  return async () => {
    done += 1;
    const now = nodeClock.monotonicMs();
    if (terminal && done === total) context.err(CLEAR_LINE);
    if (now - lastMs < EVERY_MS) return;
    lastMs = now;
    if (terminal && done < total) context.err(`${CLEAR_LINE}  ${done} of ${total} ${what} …`);
    await nodeTimers.sleep(0);
  };
}
