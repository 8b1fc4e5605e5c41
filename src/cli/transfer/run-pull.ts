import { asAprError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import type { TransferJudgement } from "../../oracles/judge.ts";
import { printable } from "../../reports/printable.ts";
import { pullCommand, type PullCommand } from "../../transfer/command.ts";
import type { Pulled } from "../../transfer/pull-request.ts";
import { collectOnlyWhenNeeded } from "../../world/node/collector.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext } from "../context.ts";
import { stoppable, storePath } from "../store/open.ts";
import type { TransferFlags } from "./flags.ts";
import { recordedRun } from "./recorded.ts";
import { emitInto, exitOf, judge, tellIfUnclean, verdictJson, verdictText, writeTrace } from "./verdict.ts";
import { transferView } from "./view.ts";

/** What `pull` and `transfers resume` have in common. */
export type PullSpec = Omit<PullCommand, "kind" | "retries" | "stallMs" | "store">;

/** Pulls, judges the trace, and shows both. */
export async function runPull(context: AprContext, flags: TransferFlags, spec: PullSpec): Promise<number> {
  collectOnlyWhenNeeded();
  const { retries, stallTimeout: stallMs } = flags;
  const command: PullCommand = {
    kind: "pull",
    ...spec,
    retries,
    stallMs,
    store: await storePath(context, flags),
  };
  const { keep, ports, stopSignal, trace } = recordedRun(context, flags, command);
  const view = transferView(context, flags.progress);
  let pulled: Pulled;
  try {
    pulled = await stoppable((signal) =>
      pullCommand(ports, command, {
        emit: emitInto(trace),
        tell: view.tell,
        signal: stopSignal(signal),
      }),
    );
  } catch (error) {
    view.done();
    await writeTrace(flags.trace, trace).catch(() => undefined);
    if (trace.events.length > 0) tellIfUnclean(context, "pull", trace);
    await keep({ error: asAprError(error) });
    throw error;
  } finally {
    await nodeTransferWorld.net.close();
  }
  view.done();
  await writeTrace(flags.trace, trace);
  const judgement = judge("pull", trace);
  if (judgement.verdict === "fail") await keep({ judgement });
  return show(context, flags, pulled, judgement);
}

function show(
  context: AprContext,
  flags: TransferFlags,
  pulled: Pulled,
  judgement: TransferJudgement,
): number {
  const { digest, knownBytes, repairs, resumedBytes, sizeBytes, sources, tag } = pulled;
  const fetched = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = { tag, digest, size: sizeBytes, fetched, resumed: resumedBytes, known: knownBytes };
  if (flags.json) {
    const tracePath = flags.trace ?? null;
    const document = {
      ...facts,
      created: pulled.created,
      sources,
      repairs,
      ...verdictJson(judgement, tracePath),
    };
    context.out(`${JSON.stringify(document)}\n`);
  } else {
    const there = pulled.created ? "" : "  already there, the same";
    context.out(
      `${verdictText(judgement)}  ${printable(tag)}  ${formatBytes(sizeBytes)}  ${digest}${there}\n`,
    );
  }
  return exitOf(judgement);
}
