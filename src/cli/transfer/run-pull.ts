import { AprError, asAprError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { TraceBuffer } from "../../evidence/trace.ts";
import { printable } from "../../reports/printable.ts";
import type { Ref } from "../../store/ref.ts";
import { pull, type Pulled } from "../../transfer/pull.ts";
import type { Remote } from "../../transfer/remote.ts";
import { collectOnlyWhenNeeded } from "../../world/node/collector.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext } from "../context.ts";
import { describeModel } from "../store/describe.ts";
import { stoppable, writableStore } from "../store/open.ts";
import type { TransferFlags } from "./flags.ts";
import {
  emitInto,
  exitOf,
  judge,
  keepPackOf,
  tellIfUnclean,
  verdictJson,
  verdictText,
  writeTrace,
} from "./verdict.ts";
import { transferView } from "./view.ts";

/** What `pull` and `transfers resume` have in common. */
export interface PullSpec {
  readonly ref: string;
  readonly from: readonly string[];
  readonly open: (signal: AbortSignal) => Promise<readonly Remote[]>;
  /** Null when only the opened remote can tell. */
  readonly target: Ref | null;
  readonly replace: boolean;
}

/** Pulls, judges the trace, and shows both. */
export async function runPull(context: AprContext, flags: TransferFlags, spec: PullSpec): Promise<number> {
  collectOnlyWhenNeeded();
  const trace = new TraceBuffer(nodeTransferWorld.clock);
  const view = transferView(context, flags.progress);
  let pulled: Pulled;
  try {
    pulled = await stoppable(async (signal) => {
      const remotes = await spec.open(signal);
      const target = spec.target ?? (await tagOf(remotes[0], signal));
      const store = await writableStore(context, flags);
      const { from, ref, replace } = spec;
      return pull(nodeTransferWorld, store, {
        ...{ ref, from, remotes, target, replace, signal },
        describe: describeModel,
        options: { retries: flags.retries, stallMs: flags.stallTimeout },
        emit: emitInto(trace),
        tell: view.tell,
      });
    });
  } catch (error) {
    view.done();
    await writeTrace(flags.trace, trace).catch(() => undefined);
    if (trace.events.length > 0) tellIfUnclean(context, "pull", trace);
    await keepPackOf(context, "pull", flags.crashpack, { trace, error: asAprError(error) });
    throw error;
  } finally {
    await nodeTransferWorld.net.close();
  }
  view.done();
  await writeTrace(flags.trace, trace);
  return await show(context, flags, pulled, trace);
}

async function show(
  context: AprContext,
  flags: TransferFlags,
  pulled: Pulled,
  trace: TraceBuffer,
): Promise<number> {
  const { digest, knownBytes, repairs, resumedBytes, sizeBytes, sources, tag } = pulled;
  const fetched = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = { tag, digest, size: sizeBytes, fetched, resumed: resumedBytes, known: knownBytes };
  const judgement = judge("pull", trace);
  if (judgement.verdict === "fail") await keepPackOf(context, "pull", flags.crashpack, { trace, judgement });
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

/** The tag that a remote gives by itself. One that has no model to pull says so first. */
async function tagOf(remote: Remote | undefined, signal: AbortSignal): Promise<Ref> {
  if (remote?.tag !== undefined && remote.tag !== null) return remote.tag;
  await remote?.resolve(signal);
  throw new AprError("usage", "this name does not make a tag of the store", {
    hint: "say one: --as name:tag",
    fields: { code: "no-tag" },
  });
}
