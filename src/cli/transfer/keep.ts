import type { AprError, ErrorKind } from "../../base/errors.ts";
import { keepFailure } from "../../crashpack/of-run.ts";
import type { TraceBuffer } from "../../evidence/trace.ts";
import type { TransferJudgement } from "../../oracles/judge.ts";
import { failedTransfer } from "../../replay/pack-transfer.ts";
import type { TransferRecord } from "../../replay/recording/format.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { AprContext } from "../context.ts";
import { keepRun } from "../crashpack/keep-run.ts";
import { VERSION } from "../version.ts";
import type { TransferFlags } from "./flags.ts";
import { judge } from "./verdict.ts";

/** A mistyped word, a tag that is taken, Ctrl-C: no failure to look into, unless a pack was asked for. */
const OWN_DOING: ReadonlySet<ErrorKind> = new Set([
  "usage",
  "not-found",
  "exists",
  "interrupted",
  "terminated",
]);

/** What is packed of a transfer that failed. */
export interface FailedTransfer {
  readonly command: string;
  readonly trace: TraceBuffer;
  readonly record: TransferRecord;
  readonly error?: AprError;
  readonly judgement?: TransferJudgement;
}

/** Keeps a pack of a transfer that failed. What cannot be written hides no other failure. */
export async function keepPackOf(
  context: AprContext,
  flags: Pick<TransferFlags, "crashpack">,
  { command, error, judgement, record, trace }: FailedTransfer,
): Promise<void> {
  if (flags.crashpack === undefined && error !== undefined && OWN_DOING.has(error.kind)) return;
  const run = {
    command,
    version: VERSION,
    judgement: judgement ?? judge(command, trace),
    trace: trace.events,
    ...(error === undefined ? {} : { error }),
  };
  await keepRun(context, flags.crashpack, (place) =>
    keepFailure(nodeStoreWorld, place, failedTransfer(run, record)),
  );
}
