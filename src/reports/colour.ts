import type { VerdictWord } from "../contracts/types.ts";

const CODES: Readonly<Record<VerdictWord, string>> = { pass: "32", fail: "1;31", inconclusive: "33" };

/** A verdict as a table shows it: a failure stands out in capitals, with or without colour. */
export function verdictLabel(verdict: VerdictWord): string {
  return verdict === "fail" ? "FAIL" : verdict;
}

/** Wraps text in a verdict's colour; unchanged without colour. */
export function paint(text: string, verdict: VerdictWord, color: boolean): string {
  return color ? `\u001b[${CODES[verdict]}m${text}\u001b[0m` : text;
}
