import { AprError, asAprError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import type { TransferJudgement } from "../../oracles/judge.ts";
import { printable } from "../../reports/printable.ts";
import { formatRef, parseRef } from "../../store/ref.ts";
import { pushCommand, type PushCommand } from "../../transfer/command.ts";
import type { RegistryReference } from "../../transfer/places/reference-kinds.ts";
import type { Pushed } from "../../transfer/push/types.ts";
import { parseReference } from "../../transfer/reference.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext, Run } from "../context.ts";
import { stoppable, storePath } from "../store/open.ts";
import { openOptions } from "../transfer/deps.ts";
import type { TransferFlags } from "../transfer/flags.ts";
import { pushNews } from "../transfer/push-news.ts";
import { recordedRun } from "../transfer/recorded.ts";
import {
  emitInto,
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

export const run: Run<PushFlags, [string, string]> = async (context, flags, tagText, refText) => {
  const { host, repository, tag } = registryOf(refText, context, flags);
  const { force, mountFrom = [], plainHttp, retries, stallTimeout: stallMs } = flags;
  const command: PushCommand = {
    ...{ kind: "push", host, repository, reference: tag, force, mountFrom, plainHttp, retries, stallMs },
    tag: formatRef(parseRef(tagText)),
    store: await storePath(context, flags),
  };
  const { keep, ports, stopSignal, trace } = recordedRun(context, flags, command);
  const view = transferView(context, flags.progress);
  let pushed: Pushed;
  try {
    pushed = await stoppable((signal) =>
      pushCommand(ports, command, {
        emit: emitInto(trace),
        tell: pushNews(`${host}/${repository}`, command.tag, view.tell),
        signal: stopSignal(signal),
      }),
    );
  } catch (error) {
    view.done();
    await writeTrace(flags.trace, trace).catch(() => undefined);
    if (trace.events.length > 0) tellIfUnclean(context, "push", trace);
    await keep({ error: asAprError(error) });
    throw asStopped(error);
  } finally {
    await nodeTransferWorld.net.close();
  }
  view.done();
  await writeTrace(flags.trace, trace);
  const judgement = pushed.same ? null : judge("push", trace);
  if (judgement?.verdict === "fail") await keep({ judgement });
  return show(context, flags, pushed, judgement);
};

/** What was sent stays at the registry, and the store remembers where: something is left behind after all. */
function asStopped(error: unknown): unknown {
  if (!(error instanceof AprError) || (error.kind !== "interrupted" && error.kind !== "terminated"))
    return error;
  const hint = "the same command goes on where the registry stands; apr transfers abort forgets it";
  return new AprError(error.kind, "stopped", { hint, cause: error });
}

/** `judgement` is null where everything was there already. */
function show(
  context: AprContext,
  flags: PushFlags,
  pushed: Pushed,
  judgement: TransferJudgement | null,
): number {
  const { digest, mountedBytes, name, reference, resumedBytes, sentBytes, sizeBytes, skippedBytes, tag } =
    pushed;
  const sums = { size: sizeBytes, sent: sentBytes, mounted: mountedBytes, skipped: skippedBytes };
  const facts = { tag, name: `${name}:${reference}`, digest, ...sums, resumed: resumedBytes };
  if (judgement === null) {
    const words = `  ${printable(tag)}  already at ${name}:${reference}, the same\n`;
    context.out(flags.json ? `${JSON.stringify({ ...facts, created: false, verdict: null })}\n` : words);
    return 0;
  }
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
  const reference = parseReference(text, openOptions(context, flags));
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
