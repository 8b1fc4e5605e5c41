import { formatRef, parseRef } from "../../store/ref.ts";
import { referenceText } from "../../transfer/open-remote.ts";
import { parseReference } from "../../transfer/reference.ts";
import type { Run } from "../context.ts";
import { openOptions } from "../transfer/deps.ts";
import type { TransferFlags } from "../transfer/flags.ts";
import { runPull } from "../transfer/run-pull.ts";

export interface PullFlags extends TransferFlags {
  readonly as?: string;
  readonly from?: readonly string[];
  readonly force: boolean;
}

export const run: Run<PullFlags, [string]> = async (context, flags, text) => {
  const options = openOptions(context, flags);
  const open = [text, ...(flags.from ?? [])];
  const references = open.map((each) => parseReference(each, options));
  const [first, ...others] = references.map((each) => referenceText(each, options.workingFolder));
  const target = flags.as === undefined ? (references[0]?.defaultTag ?? null) : parseRef(flags.as);
  return runPull(context, flags, {
    ref: first ?? text,
    from: others,
    ...{ open, lenient: false, replace: flags.force, ...options },
    target: target === null ? null : formatRef(target),
  });
};
