import type { JsonObject } from "../base/json.ts";
import type { Verdict, VerdictWord } from "../contracts/types.ts";
import { verdictLabel } from "./colour.ts";
import { reasonText } from "./reason.ts";
import { truncateText } from "./text.ts";

/** Longer reasons are cut in text for people, in columns; `--json` has them whole. */
const MAX_REASON_WIDTH = 120;

/** Failures come first: they are what a reader looks for. */
const ORDER: readonly VerdictWord[] = ["fail", "inconclusive", "pass"];

const LABEL_WIDTH = verdictLabel("inconclusive").length;

const COUNTED: Readonly<Record<VerdictWord, string>> = {
  fail: "failed",
  inconclusive: "inconclusive",
  pass: "passed",
};

/** Verdicts as aligned lines, one a gate, failures first, and then a line that counts them. */
export function verdictsText(verdicts: readonly Verdict[], exitCode: number): string {
  const sorted = ORDER.flatMap((word) => verdicts.filter(({ verdict }) => verdict === word));
  const width = Math.max(...sorted.map(({ gate }) => gate.length));
  const lines = sorted.map(({ verdict, gate, reason }) => {
    const why = reason === null ? "" : truncateText(reasonText(reason), MAX_REASON_WIDTH);
    return `${verdictLabel(verdict).padEnd(LABEL_WIDTH)}  ${gate.padEnd(width)}  ${why}`.trimEnd();
  });
  return `${lines.join("\n")}\n\n${countText(verdicts)}; exit ${exitCode}\n`;
}

/** A verdict as the JSON that every command writes: what the gate yields stands beside the verdict. */
export function verdictJson({ gate, origin, verdict, reason, judged, yields }: Verdict): JsonObject {
  return { gate, origin, verdict, reason, judged, ...yields };
}

function countText(verdicts: readonly Verdict[]): string {
  const counts = ORDER.map((word) => ({
    word,
    count: verdicts.filter(({ verdict }) => verdict === word).length,
  }));
  const said = counts.filter(({ count }) => count > 0).map(({ count, word }) => `${count} ${COUNTED[word]}`);
  const judged = verdicts.some((verdict) => verdict.judged === "live") ? "live" : "captured";
  return `${said.join(", ")} (${judged} evidence)`;
}
