import type { Json, JsonObject } from "../../base/json.ts";
import { judgeGate } from "../../contracts/judge.ts";
import { OOM_REPORT_REQUIRED_KEYS } from "../../contracts/oom-report.ts";
import { findContract } from "../../contracts/registry.ts";
import type { Verdict } from "../../contracts/types.ts";
import type { Page } from "../../reports/html/blocks.ts";
import { chaosPage } from "../../reports/html/chaos-page.ts";
import { asChaosReport } from "../../reports/html/chaos-shape.ts";
import { fitPage, isFitAdvice } from "../../reports/html/fit-page.ts";
import { oomPage } from "../../reports/html/oom-page.ts";
import { isProof, proofPage } from "../../reports/html/proof-page.ts";
import { isObject } from "../../reports/html/read-json.ts";
import { simPage } from "../../reports/html/sim-page.ts";
import { asSimSweep } from "../../reports/html/sim-shape.ts";
import { sweepPage } from "../../reports/html/sweep-page.ts";
import { asSweepReport } from "../../reports/html/sweep-shape.ts";

/** The page of a report by what it is, never by its name; null for what is none. */
export function pageOfReport(name: string, report: JsonObject): Page | null {
  const chaos = asChaosReport(report);
  if (chaos !== null) return chaosPage(chaos);
  const sweep = asSweepReport(report);
  if (sweep !== null) return sweepPage(sweep);
  const sim = asSimSweep(report);
  if (sim !== null) return simPage(name, sim);
  if (isOomReport(report)) return oomPage(name, report, oomVerdicts(report));
  if (isFitAdvice(report)) return fitPage(report);
  return isProof(report) ? proofPage(report) : null;
}

export function isOomReport(report: JsonObject | readonly Json[]): report is JsonObject {
  return isObject(report) && OOM_REPORT_REQUIRED_KEYS.every((key) => key in report);
}

function oomVerdicts(report: JsonObject): Verdict[] {
  const gates = findContract("crux-f-13")?.gates ?? [];
  const about = ["schema", "invariants", "APR-F-13-TYPES", "APR-F-13-TIME", "APR-F-13-PROVENANCE"];
  return gates
    .filter(({ name }) => about.includes(name))
    .map((gate) => judgeGate(gate, { report }, "captured"));
}
