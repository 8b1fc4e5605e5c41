import { AprError, asAprError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { TraceBuffer } from "../../evidence/trace.ts";
import { printable } from "../../reports/printable.ts";
import { formatRef, parseRef } from "../../store/ref.ts";
import { httpClient } from "../../transfer/http/client.ts";
import { registryDeps } from "../../transfer/open-remote.ts";
import { push } from "../../transfer/push/push.ts";
import type { Pushed } from "../../transfer/push/types.ts";
import type { RegistryReference } from "../../transfer/places/reference-kinds.ts";
import { parseReference } from "../../transfer/reference.ts";
import { openRegistry } from "../../transfer/registry/api.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext, Run } from "../context.ts";
import { existingStore, stoppable } from "../store/open.ts";
import { remoteDeps, remoteOptions } from "../transfer/deps.ts";
import type { TransferFlags } from "../transfer/flags.ts";
import { pushNews } from "../transfer/push-news.ts";
import {
  emitInto,
  keepPackOf,
  exitOf,
  judge,
  tellIfUnclean,
  verdictJson,
  verdictText,
  writeTrace,
} from "../transfer/verdict.ts";
import { transferView } from "../transfer/view.ts";

export interface PushFlags extends TransferFlags {
  readonly force: boolean;
  readonly mountFrom?: readonly string[];
}

/** A registry may hash tens of gigabytes before it answers the last request of an upload. */
const ANSWER_TIMEOUT_MS = 300_000;

export const run: Run<PushFlags, [string, string]> = async (context, flags, tagText, refText) => {
  const ref = parseRef(tagText);
  const to = registryOf(refText, context, flags);
  const trace = new TraceBuffer(nodeTransferWorld.clock);
  const view = transferView(context, flags.progress);
  let pushed: Pushed;
  try {
    pushed = await stoppable(async (signal) => {
      const store = await existingStore(context, flags);
      const deps = {
        ...remoteDeps(context, flags),
        client: httpClient(nodeTransferWorld.net, {
          headTimeoutMs: Math.max(ANSWER_TIMEOUT_MS, flags.stallTimeout),
          idleTimeoutMs: flags.stallTimeout,
        }),
      };
      const { host, repository } = to;
      const mountFrom = flags.mountFrom ?? [];
      const where = { host, repository, plainHttp: flags.plainHttp, scope: "pull,push", mountFrom } as const;
      return push(nodeTransferWorld, store, openRegistry(registryDeps(deps), where), {
        ...{ ref, reference: to.tag, force: flags.force, mountFrom, signal },
        limits: { tries: flags.retries },
        emit: emitInto(trace),
        onProgress: pushNews(`${host}/${repository}`, formatRef(ref), view.tell),
      });
    });
  } catch (error) {
    view.done();
    await writeTrace(flags.trace, trace).catch(() => undefined);
    if (trace.events.length > 0) tellIfUnclean(context, "push", trace);
    await keepPackOf(context, "push", flags.crashpack, { trace, error: asAprError(error) });
    throw asStopped(error);
  } finally {
    await nodeTransferWorld.net.close();
  }
  view.done();
  await writeTrace(flags.trace, trace);
  return show(context, flags, pushed, trace);
};

/** What was sent stays at the registry, and the store remembers where: something is left behind after all. */
function asStopped(error: unknown): unknown {
  if (!(error instanceof AprError) || (error.kind !== "interrupted" && error.kind !== "terminated"))
    return error;
  const hint = "the same command goes on where the registry stands; apr transfers abort forgets it";
  return new AprError(error.kind, "stopped", { hint, cause: error });
}

function show(context: AprContext, flags: PushFlags, pushed: Pushed, trace: TraceBuffer): number {
  const {
    digest,
    mountedBytes,
    name,
    reference,
    resumedBytes,
    same,
    sentBytes,
    sizeBytes,
    skippedBytes,
    tag,
  } = pushed;
  const sums = { size: sizeBytes, sent: sentBytes, mounted: mountedBytes, skipped: skippedBytes };
  const facts = { tag, name: `${name}:${reference}`, digest, ...sums, resumed: resumedBytes };
  if (same) {
    const words = `  ${printable(tag)}  already at ${name}:${reference}, the same\n`;
    context.out(flags.json ? `${JSON.stringify({ ...facts, created: false, verdict: null })}\n` : words);
    return 0;
  }
  const judgement = judge("push", trace);
  if (flags.json) {
    const verdict = verdictJson(judgement, flags.trace ?? null);
    context.out(`${JSON.stringify({ ...facts, created: true, ...verdict })}\n`);
    return exitOf(judgement);
  }
  const ways = [
    `${formatBytes(sentBytes)} sent`,
    ...(mountedBytes > 0 ? [`${formatBytes(mountedBytes)} mounted`] : []),
    ...(skippedBytes > 0 ? [`${formatBytes(skippedBytes)} there already`] : []),
  ];
  const line = `  ${printable(tag)} → ${name}:${reference}  ${ways.join(", ")}  ${digest}\n`;
  context.out(`${verdictText(judgement)}${line}`);
  return exitOf(judgement);
}

function registryOf(
  text: string,
  context: AprContext,
  flags: PushFlags,
): Pick<RegistryReference, "host" | "repository"> & { readonly tag: string } {
  const reference = parseReference(text, remoteOptions(context, flags));
  if (reference.kind === "registry" && reference.target.kind === "tag") {
    return { host: reference.host, repository: reference.repository, tag: reference.target.tag };
  }
  throw new AprError(
    "usage",
    `a push goes to a tag of a registry, not to ${printable(reference.formatted)}`,
    {
      hint: "host[:port]/path/name:tag",
      fields: { code: "not-a-registry" },
    },
  );
}
