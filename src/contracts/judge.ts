import { isJsonObject, type Json } from "../base/json.ts";
import { sharingKeys } from "../base/json-keys.ts";
import { firstFieldProblem } from "./fields.ts";
import type { Contract, Gate, Judged, Judgement, Verdict, VerdictWord } from "./types.ts";

/** Codes that any gate can give, besides its own. */
export const COMMON_CODES: readonly string[] = [
  "missing-evidence",
  "malformed-evidence",
  "forerunner-failed",
];

/** Judges one gate on any JSON value. Evidence that is missing or malformed is `inconclusive`. */
export function judgeGate(gate: Gate, evidence: Json, judged: Judged): Verdict {
  return verdictOf(gate, evaluate(gate, evidence), judged);
}

/**
 * Judges every gate of a contract on the same evidence, in the contract's order.
 * A gate whose forerunner did not pass is `inconclusive` with `forerunner-failed` and that gate's id.
 */
export function judgeContract(contract: Contract, evidence: Json, judged: Judged): readonly Verdict[] {
  return judgeEach(contract, () => evidence, judged);
}

/**
 * Judges a captured document: an object with keys that are gate names holds one evidence object a gate;
 * any other document is evidence for all of them, read as the contract says.
 */
export function judgeDocument(contract: Contract, document: Json, judged: Judged): readonly Verdict[] {
  if (isJsonObject(document) && contract.gates.some((gate) => Object.hasOwn(document, gate.name))) {
    return judgeEach(contract, (gate) => document[gate.name] ?? {}, judged);
  }
  return judgeContract(contract, evidenceFrom(contract, document), judged);
}

/** Reads a captured document as evidence, in the way of its contract. */
export function evidenceFrom(contract: Contract, document: Json): Json {
  return contract.evidenceOf === undefined ? document : contract.evidenceOf(document);
}

/** The verdict over several: any failure fails; nothing judged, or anything inconclusive, is no pass. */
export function overall(verdicts: readonly { readonly verdict: VerdictWord }[]): VerdictWord {
  if (verdicts.some(({ verdict }) => verdict === "fail")) return "fail";
  return verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === "pass") ? "pass" : "inconclusive";
}

function judgeEach(
  contract: Contract,
  evidenceFor: (gate: Gate) => Json,
  judged: Judged,
): readonly Verdict[] {
  // Forerunners stand before the gates that need them in every contract's list.
  const words = new Map<string, VerdictWord>();
  const judgeOne = (gate: Gate): Verdict => {
    const failed = gate.after.find((name) => words.get(name) !== "pass");
    const judgement: Judgement =
      failed === undefined
        ? evaluate(gate, evidenceFor(gate))
        : {
            verdict: "inconclusive",
            reason: { code: "forerunner-failed", gate: `${contract.id}/${failed}` },
          };
    words.set(gate.name, judgement.verdict);
    return verdictOf(gate, judgement, judged);
  };
  return sharingKeys(() => contract.gates.map(judgeOne));
}

function evaluate(gate: Gate, evidence: Json): Judgement {
  if (!isJsonObject(evidence)) return { verdict: "inconclusive", reason: { code: "malformed-evidence" } };
  const problem = firstFieldProblem(gate.fields, evidence, gate.origin === "strict");
  return problem === null ? gate.judge(evidence) : { verdict: "inconclusive", reason: problem };
}

function verdictOf(gate: Gate, { verdict, reason, yields }: Judgement, judged: Judged): Verdict {
  return yields === undefined
    ? { gate: gate.id, origin: gate.origin, judged, verdict, reason }
    : { gate: gate.id, origin: gate.origin, judged, verdict, reason, yields };
}
