import { stringifyJson } from "../base/json.ts";
import type { FaultReport } from "../contracts/chaos-report.ts";
import { judgeGate } from "../contracts/judge.ts";
import { findGate } from "../contracts/registry.ts";
import type { Evidence, Reason, Verdict, VerdictWord } from "../contracts/types.ts";
import type { Fault, Finding } from "./finding.ts";
import { whyItMatters } from "./why.ts";

/** A finding with its verdicts: the contract's own and apr's stricter ones. */
interface Judged {
  readonly finding: Finding;
  readonly contract: Verdict;
  readonly strict: readonly Verdict[];
}

const RANK: Readonly<Record<VerdictWord, number>> = { pass: 0, inconclusive: 1, fail: 2 };

/** One report from the findings of every repeat. The worst finding speaks; the others' reasons are kept. */
export function reportFault(
  fault: Fault,
  repeats: readonly (readonly Finding[])[],
  durationMs: number,
): FaultReport {
  const judged = repeats.map((findings) => findings.map((finding) => judge(fault, finding)));
  const all = judged.flat();
  const worst = all.reduce((a, b) => (weight(b) > weight(a) ? b : a));
  const contract = worstOf(all.map((one) => one.contract));
  const strict = all.flatMap((one) => one.strict);
  const reasons = distinct(strict.flatMap(({ reason }) => (reason === null ? [] : [reason])));
  const failed = [...all.map((one) => one.contract), ...strict].filter(({ verdict }) => verdict === "fail");
  return {
    id: fault.id,
    title: fault.title,
    contract: { verdict: contract.verdict, reason: contract.reason },
    strict: { verdict: worstOf(strict).verdict, reasons },
    fired: all.some(({ finding }) => finding.fired),
    evidence: worst.finding.evidence,
    reproduce: worst.finding.reproduce,
    happened: worst.finding.happened,
    why: whyItMatters(failed.flatMap(({ reason }) => (reason === null ? [] : [reason.code]))),
    notes: distinct(strict.flatMap(noteOf)),
    flaky: flakiness(judged),
    gates: all.flatMap((one) => [one.contract, ...one.strict]),
    duration_ms: Math.round(durationMs),
  };
}

function judge(fault: Fault, finding: Finding): Judged {
  const seed = verdict(fault.id, finding.evidence);
  const unproven = finding.notTried ?? (finding.fired ? undefined : { code: "not-fired" });
  if (unproven === undefined) {
    return {
      finding,
      contract: seed,
      strict: finding.strict.map(([name, evidence]) => verdict(name, evidence)),
    };
  }
  const fired = verdict("APR-CHAOS-FIRED", { fired: false });
  // Whatever the run looked like: without the fault it says nothing about the fault.
  const strict = { ...fired, reason: unproven };
  return { finding, contract: { ...seed, verdict: "inconclusive", reason: unproven }, strict: [strict] };
}

function verdict(name: string, evidence: Evidence): Verdict {
  const gate = findGate(`apr-qa-chaos-v1/${name}`);
  if (gate === undefined) throw new Error(`no such gate: ${name}`);
  return judgeGate(gate, evidence, "live");
}

function weight({ contract, strict }: Judged): number {
  return RANK[worstOf([contract, ...strict]).verdict] * 3 + RANK[contract.verdict];
}

function worstOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => (RANK[b.verdict] > RANK[a.verdict] ? b : a));
}

function distinct(reasons: readonly Reason[]): Reason[] {
  const seen = new Map(reasons.map((reason) => [stringifyJson(reason), reason]));
  return [...seen.values()];
}

function noteOf({ yields }: Verdict): Reason[] {
  const note = yields?.["note"];
  return typeof note === "object" && note !== null && "code" in note ? [note as Reason] : [];
}

/** Verdicts of the repeats when they differ: they are shown, never averaged. */
function flakiness(repeats: readonly (readonly Judged[])[]): FaultReport["flaky"] {
  const words = repeats.map(
    (judged) => worstOf(judged.flatMap((one) => [one.contract, ...one.strict])).verdict,
  );
  if (new Set(words).size < 2) return null;
  const count = (word: VerdictWord): number => words.filter((each) => each === word).length;
  return { pass: count("pass"), fail: count("fail"), inconclusive: count("inconclusive") };
}
