import { parseRef } from "../../store/ref.ts";
import { openReference, referenceText } from "../../transfer/open-remote.ts";
import { parseReference } from "../../transfer/reference.ts";
import type { Run } from "../context.ts";
import { remoteDeps, remoteOptions } from "../transfer/deps.ts";
import type { TransferFlags } from "../transfer/flags.ts";
import { runPull } from "../transfer/run-pull.ts";

export interface PullFlags extends TransferFlags {
  readonly as?: string;
  readonly from?: readonly string[];
  readonly force: boolean;
}

export const run: Run<PullFlags, [string]> = (context, flags, text) => {
  const deps = remoteDeps(context, flags);
  const options = remoteOptions(context, flags);
  const references = [text, ...(flags.from ?? [])].map((each) => parseReference(each, options));
  const [first, ...others] = references.map((each) => referenceText(each, deps.workingFolder));
  const given = flags.as === undefined ? null : parseRef(flags.as);
  return runPull(context, flags, {
    ref: first ?? text,
    from: others,
    open: () => Promise.all(references.map((each) => openReference(deps, each, options))),
    target: given ?? references[0]?.defaultTag ?? null,
    replace: flags.force,
  });
};
