import type { Json } from "../base/json.ts";
import { judgeGate } from "./judge.ts";
import type { Gate, Reason, Verdict } from "./types.ts";

/** Judges evidence that a caller's types vouch for: a gate that cannot decide on it was misused. */
export function decide(gate: Gate, evidence: Json): Verdict {
  const verdict = judgeGate(gate, evidence, "captured");
  if (verdict.verdict !== "inconclusive") return verdict;
  const field = verdict.reason?.["field"];
  throw new TypeError(`${gate.id}: ${verdict.reason?.code}${typeof field === "string" ? ` ${field}` : ""}`);
}

/** The seeds' two-valued verdict. */
export type SeedVerdict = "pass" | "fail";

export function seedVerdict(gate: Gate, evidence: Json): SeedVerdict {
  return decide(gate, evidence).verdict === "pass" ? "pass" : "fail";
}

/** A failed gate's reason in the shape of an outcome: its code becomes the kind. */
export function outcomeOf({ code, ...fields }: Reason): { readonly kind: string } {
  return { kind: code, ...fields };
}
