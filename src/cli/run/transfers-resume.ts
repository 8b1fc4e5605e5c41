import { AprError } from "../../base/errors.ts";
import { referenceText } from "../../transfer/open-remote.ts";
import { parseReference } from "../../transfer/reference.ts";
import type { Run } from "../context.ts";
import { existingStore } from "../store/open.ts";
import { openOptions } from "../transfer/deps.ts";
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
  const options = openOptions(context, flags);
  const told = (flags.from ?? []).map((each) =>
    referenceText(parseReference(each, options), options.workingFolder),
  );
  const all = [...new Set([ref, ...from, ...told])];
  return runPull(context, flags, {
    ref,
    from: all.slice(1),
    ...{ open: all, lenient: told.length > 0, replace: flags.force, ...options },
    target: tag,
  });
};
