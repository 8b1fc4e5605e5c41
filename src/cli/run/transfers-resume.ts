import { AprError, asAprError } from "../../base/errors.ts";
import { parseRef } from "../../store/ref.ts";
import {
  openReference,
  referenceText,
  type RemoteDeps,
  type RemoteOptions,
} from "../../transfer/open-remote.ts";
import { parseReference } from "../../transfer/reference.ts";
import type { Remote } from "../../transfer/remote.ts";
import type { Run } from "../context.ts";
import { existingStore } from "../store/open.ts";
import { remoteDeps, remoteOptions } from "../transfer/deps.ts";
import { findTransfer } from "../transfer/find.ts";
import type { TransferFlags } from "../transfer/flags.ts";
import { runPull } from "../transfer/run-pull.ts";

export interface ResumeFlags extends TransferFlags {
  readonly from?: readonly string[];
  readonly force: boolean;
}

export const run: Run<ResumeFlags, [string]> = async (context, flags, id) => {
  const { from, kind, ref, tag } = await findTransfer(await existingStore(context, flags), id);
  if (kind === "push" || ref === null || tag === null) {
    const why = kind === "push" ? "a push" : "nothing: it stopped before it began";
    throw new AprError("usage", `transfer ${id} is ${why}`, {
      hint: kind === "push" ? "give the push again: it goes on where it stopped" : "apr transfers abort",
      fields: { code: "not-resumable" },
    });
  }
  const deps = remoteDeps(context, flags);
  const options = remoteOptions(context, flags);
  const told = (flags.from ?? []).map((each) =>
    referenceText(parseReference(each, options), deps.workingFolder),
  );
  const all = [...new Set([ref, ...from, ...told])];
  return runPull(context, flags, {
    ref,
    from: all.slice(1),
    open: () => Promise.all(all.map((each) => openOrDead(deps, each, options, told.length > 0))),
    target: parseRef(tag),
    replace: flags.force,
  });
};

/** A source that cannot even be opened is no reason to stop where another one was named. */
async function openOrDead(
  deps: RemoteDeps,
  text: string,
  options: RemoteOptions,
  others: boolean,
): Promise<Remote> {
  try {
    return await openReference(deps, parseReference(text, options), options);
  } catch (thrown) {
    const error = asAprError(thrown);
    if (!others) throw error;
    const dead = new AprError("network", error.message, { fields: error.fields, cause: thrown });
    return {
      name: text,
      tag: null,
      resolve: () => Promise.reject(dead),
      blob: () => Promise.reject(dead),
    };
  }
}
