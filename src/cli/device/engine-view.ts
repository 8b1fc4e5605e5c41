import type { JsonObject } from "../../base/json.ts";
import type { EngineReport } from "../../device/engine/report.ts";
import { printable } from "../../reports/printable.ts";
import { reasonText } from "../../reports/reason.ts";
import { verdictJson } from "../../reports/verdicts.ts";
import { overall } from "../../contracts/judge.ts";

/** The report of `apr devices --engine`: contract `gputrain-007`'s keys, and what stands behind them. */
export function engineJson(report: EngineReport, exitCode: number): JsonObject {
  const { build, answer, feature, runtime, reason, builtFor, devices, verdicts } = report;
  return {
    engine: build.engine,
    kind: build.kind,
    path: build.path,
    cuda_feature: feature,
    cuda_runtime_available: runtime,
    visible_devices: devices,
    built_for: builtFor,
    reason,
    libraries: build.libraries,
    evidence: build.evidence,
    asked: answer.command,
    versions: answer.versions,
    verdict: overall(verdicts),
    verdicts: verdicts.map(verdictJson),
    exit_code: exitCode,
  };
}

/** The same for people: the finding first. */
export function engineText(report: EngineReport, exitCode: number): string {
  const { build, answer, feature, runtime, reason, builtFor, devices, verdicts } = report;
  const versions = Object.entries(answer.versions).map(([name, version]) => `${name} ${version}`);
  const built =
    feature === null
      ? "cannot be seen"
      : feature
        ? `with CUDA${builtFor === null ? "" : ` ${builtFor}`}`
        : "without CUDA";
  const rows: [string, string][] = [
    ["engine", `${build.engine} (${[build.kind, ...versions].join(", ")})`],
    ["built", `${built}: ${build.evidence}`],
    ["runtime", runtime ? "works" : `not usable: ${reason ?? "unknown"}`],
    ...devices.map((device): [string, string] => ["device", device]),
  ];
  const failed = verdicts.find(({ verdict }) => verdict !== "pass");
  if (failed?.reason?.code === "stale-build") rows.push(["verdict", `STALE BUILD (${failed.gate})`]);
  else if (failed?.reason)
    rows.push(["verdict", `${failed.verdict}: ${reasonText(failed.reason)} (${failed.gate})`]);
  else rows.push(["verdict", "pass (gputrain-007)"]);
  const lines = rows.map(([name, text]) => `  ${name.padEnd(8)} ${printable(text)}`);
  return `${lines.join("\n")}\n${exitCode === 0 ? "" : `\nexit ${exitCode}\n`}`;
}
