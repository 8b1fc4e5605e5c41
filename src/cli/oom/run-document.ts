import { systemCode } from "../../base/errors.ts";
import { type Json, type JsonObject, stringifyJson } from "../../base/json.ts";
import type { Verdict } from "../../contracts/types.ts";
import { causeJson } from "../../oom/cause-json.ts";
import type { OomCause } from "../../oom/cause.ts";
import { type ProgramTexts, redactedCause } from "../../oom/program-facts.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext } from "../context.ts";
import { absolute } from "../store/open.ts";
import { proofJson } from "./gpu-proof.ts";
import type { Ran } from "./ran.ts";

/** What was found after the program's end. */
export interface Findings {
  readonly cause: OomCause | null;
  /** It met an out-of-memory and still ended with 0. */
  readonly handled: boolean;
  readonly report: string | null;
  readonly copy: string | null;
  readonly verdicts: readonly Verdict[];
}

/** Writes `--report FILE`. That it cannot be written is told; the program's own exit code stays. */
export async function writeDocument(
  context: AprContext,
  path: string,
  ran: Ran,
  texts: ProgramTexts,
  findings: Findings,
): Promise<void> {
  try {
    await nodeFiles.writeAtomic(absolute(path), `${stringifyJson(documentOf(ran, texts, findings))}\n`);
  } catch (error) {
    const why = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    context.err(`apr: the document about the run could not be written to ${printable(path)}: ${why}\n`);
  }
}

function documentOf(ran: Ran, texts: ProgramTexts, findings: Findings): JsonObject {
  const { guard, record } = ran;
  return {
    argv: texts.words(ran.argv),
    pid: ran.pid,
    exit_code: ran.exitCode,
    signal: ran.end.signal,
    started: new Date(ran.startedWallMs).toISOString(),
    duration_ms: Math.round(ran.durationMs),
    signals_passed: [...ran.signalsPassed],
    memory: memoryOf(ran),
    groups: record.groups.map(({ place, facts, oomKills, failures }) => ({
      ...{ group: place.name, version: place.version, oom_kills: oomKills, failures },
      limit_bytes: facts.limitBytes,
      peak_bytes: facts.peakBytes,
    })),
    guard:
      guard === null
        ? null
        : {
            ...{ verdict: guard.verdict, forced: guard.forced, finding: guard.finding },
            predicted_bytes: guard.predictedBytes,
            available_bytes: guard.availableBytes,
            allowed_bytes: guard.allowedBytes,
            assumptions: [...guard.assumptions],
          },
    gpu_proof: ran.gpuProof === null ? null : proofJson(ran.gpuProof),
    oom: oomOf(texts, findings),
    verdicts: findings.verdicts.map(verdictJson),
    notes: [...ran.notes],
  };
}

function memoryOf({ record, end, gpu }: Ran): JsonObject {
  return {
    gpu_peak_bytes: gpu?.seen === true ? gpu.peakBytes : null,
    peak_resident_bytes: record.peakResidentBytes,
    peak_shared_out_bytes: record.peakSharedOutBytes,
    peak_virtual_bytes: record.peakVirtualBytes,
    // Below apr's own size the kernel's figure tells nothing of the program.
    kernel_peak_rss_bytes:
      end.peakRssBytes !== null && end.peakRssBytes > end.floorRssBytes ? end.peakRssBytes : null,
    processes: record.processes.length,
    samples: record.samples,
    curve: record.curve.map(({ atMs, bytes }) => ({ t_ms: Math.round(atMs), bytes })),
  };
}

function oomOf(texts: ProgramTexts, { cause, handled, report, copy }: Findings): Json {
  if (cause === null) return null;
  return { handled, report, copy, cause: causeJson(redactedCause(cause, texts), []) };
}

function verdictJson({ gate, judged, verdict, reason }: Verdict): JsonObject {
  return { gate, judged, verdict, reason };
}
