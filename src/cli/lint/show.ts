import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { overall } from "../../contracts/judge.ts";
import type { Verdict, VerdictWord } from "../../contracts/types.ts";
import { verdictJson, verdictsText } from "../../reports/verdicts.ts";
import type { AprContext } from "../context.ts";

const EXIT_OF: Readonly<Record<VerdictWord, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

export interface Shown {
  /** What was judged by: a contract's or a gate's id. */
  readonly subject: string;
  readonly file: string;
  readonly verdicts: readonly Verdict[];
}

/** Prints verdicts for people, or as one JSON document, and returns the exit code that they ask for. */
export function showVerdicts(context: AprContext, json: boolean, { subject, file, verdicts }: Shown): number {
  const verdict = overall(verdicts);
  const exitCode = EXIT_OF[verdict];
  const document = { subject, file, verdict, verdicts: verdicts.map(verdictJson), exit_code: exitCode };
  context.out(json ? `${stringifyJson(document)}\n` : verdictsText(verdicts, exitCode));
  return exitCode;
}
