import type { JsonObject } from "../../base/json.ts";
import { judgeContract } from "../../contracts/judge.ts";
import type { Verdict } from "../../contracts/types.ts";
import { versionContract } from "../../contracts/version.ts";
import { canRun } from "../compatible.ts";
import type { CudaFound } from "../types.ts";
import type { EngineAnswer, EngineBuild } from "./types.ts";

/** An engine judged by contract `gputrain-007`: the same questions as for apr itself. */
export interface EngineReport {
  readonly build: EngineBuild;
  readonly answer: EngineAnswer;
  /** Null where neither its files nor the engine itself say; then nothing is judged. */
  readonly feature: boolean | null;
  readonly runtime: boolean;
  /** Why the runtime cannot be used; null where it can. */
  readonly reason: string | null;
  readonly builtFor: string | null;
  readonly devices: readonly string[];
  readonly verdicts: readonly Verdict[];
}

/** What the engine itself says counts; where it cannot be asked, its files and the driver do. */
export function engineReport(build: EngineBuild, answer: EngineAnswer, found: CudaFound): EngineReport {
  const feature = answer.cuda ?? (answer.runtime === true ? true : build.cuda);
  const builtFor = answer.builtFor ?? build.builtFor;
  const answered = found.kind === "answered" ? found : null;
  const tooOld = canRun(answered?.driverCuda ?? null, builtFor) === false;
  const runtime = answer.runtime ?? (answered !== null && !tooOld);
  const devices = answer.runtime === null && runtime ? namesOf(found) : answer.devices;
  const evidence: JsonObject = {
    cuda_runtime_available: runtime,
    visible_devices: devices,
    // A build that nobody could look into is not judged: the gate then says what is missing.
    ...(feature === null ? {} : { cuda_feature: feature }),
  };
  const verdicts = judgeContract(
    versionContract,
    { ...evidence, present_keys: Object.keys(evidence) },
    "live",
  ).filter(({ gate }) => feature !== null || gate === "gputrain-007/fields");
  return { build, answer, feature, runtime, reason: whyNot(), builtFor, devices, verdicts };

  function whyNot(): string | null {
    if (runtime) return null;
    if (answer.note !== null && answer.runtime !== null) return answer.note;
    if (found.kind === "absent") return found.message;
    return `built for CUDA ${builtFor}, and the driver runs CUDA up to ${found.driverCuda}`;
  }
}

function namesOf(found: CudaFound): readonly string[] {
  return found.kind === "answered" ? found.devices.map(({ index, name }) => `${index}:${name}`) : [];
}
