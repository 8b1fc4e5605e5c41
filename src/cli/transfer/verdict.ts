import { EXIT } from "../../base/errors.ts";
import { stringifyJson, type JsonObject } from "../../base/json.ts";
import { evidenceLedger } from "../../evidence/ledger.ts";
import type { TraceBuffer } from "../../evidence/trace.ts";
import type { EmitTransfer } from "../../evidence/transfer-events.ts";
import type { OracleSwitches } from "../../oracles/checks.ts";
import { measuredLedger } from "../../evidence/measured.ts";
import { MEASURED_WEIGHTS } from "../../evidence/measured-weights.ts";
import { judgeTransfer, type TransferJudgement } from "../../oracles/judge.ts";
import { traceText } from "../../oracles/trace-text.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext } from "../context.ts";
import { absolute } from "../store/open.ts";

export function emitInto(trace: TraceBuffer): EmitTransfer {
  // Events are made where they are emitted, and nobody changes them.
  return (kind, data) => trace.emit(kind, data);
}

/** Judges a transfer that came to its end. */
export function judge(name: string, trace: TraceBuffer, switches: OracleSwitches = {}): TransferJudgement {
  return judgeTransfer(trace.events, { name, switches, judged: "live" });
}

/** A transfer that stopped must still have cleaned up: says so when it has not. */
export function tellIfUnclean(context: AprContext, name: string, trace: TraceBuffer): void {
  const { clean, violations, unreadable } = judge(name, trace);
  if (clean) return;
  const words = [...violations.map(({ violation_type: type }) => type), ...unreadable.slice(0, 3)];
  context.err(`apr: and the trace breaks the transfer contract: ${words.join(", ")}\n`);
}

export function exitOf({ verdict }: TransferJudgement): number {
  if (verdict === "pass") return EXIT.ok;
  return verdict === "fail" ? EXIT.failed : EXIT.inconclusive;
}

/** `verified  8 checks passed on 1,204 events`, or what failed. */
export function verdictText({ checks, events, verdict, violations, verdicts }: TransferJudgement): string {
  const count = events.toLocaleString("en-US");
  if (verdict === "pass") return `  verified  ${checks} checks passed on ${count} events\n`;
  const reasons = verdicts.flatMap(({ gate, reason }) =>
    reason === null ? [] : [`${gate}: ${reason.code}`],
  );
  const word = verdict === "fail" ? "VIOLATED" : "not proven";
  const found = violations.map(({ violation_type: type }) => type);
  return `  ${word}  ${[...new Set([...found, ...reasons])].join(", ")} (${count} events)\n`;
}

/** The oracle's part of the JSON document. */
export function verdictJson(judgement: TransferJudgement, tracePath: string | null): JsonObject {
  const { checks, events, state, results, verdict, violations } = judgement;
  const ledger = evidenceLedger({
    results: results.map((result) => ({ result, artifactPath: tracePath })),
    artifactPaths: tracePath === null ? [] : [tracePath],
  });
  const json = JSON.parse(
    stringifyJson({ violations, state, ledger } as unknown as JsonObject),
  ) as JsonObject;
  const measured = JSON.parse(JSON.stringify(measuredLedger(results, MEASURED_WEIGHTS))) as JsonObject;
  return { verdict, checks, events, ...json, measured };
}

export async function writeTrace(path: string | undefined, trace: TraceBuffer): Promise<void> {
  if (path === undefined) return;
  await nodeFiles.writeAtomic(absolute(path), `${traceText(trace.events, 2)}\n`);
}
