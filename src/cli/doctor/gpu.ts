import { judgeContract } from "../../contracts/judge.ts";
import { versionContract } from "../../contracts/version.ts";
import { findCuda } from "../../device/cuda.ts";
import { engineReport } from "../../device/engine/report.ts";
import type { EngineAnswer, EngineBuild } from "../../device/engine/types.ts";
import { cudaReport } from "../../device/report.ts";
import type { CudaFailure, CudaFound } from "../../device/types.ts";
import type { DeviceWorld } from "../../device/world.ts";
import type { Config } from "../config/load.ts";
import { configuredBuilds } from "../device/builds.ts";
import { type Check, check, type Feature } from "./check.ts";

const FIXES: Readonly<Partial<Record<CudaFailure, string>>> = {
  "no-library": "apt-get install nvidia-driver   # in a container: docker run --gpus all",
  hidden: "unset CUDA_VISIBLE_DEVICES",
  timeout: "APR_PROBE_TIMEOUT=10s apr doctor",
  "init-failed": "nvidia-smi   # says whether driver and kernel module fit; a restart mends most",
  "no-device": "nvidia-smi -L   # in a container: docker run --gpus all",
  "no-bridge": "npm rebuild koffi",
  crashed: "nvidia-smi   # reinstall the driver where that fails too",
};

/** The GPU, apr's own build, and every configured engine. None of them is run. */
export async function checkGpu(
  world: DeviceWorld,
  config: Config,
  feature: Feature | null,
): Promise<readonly Check[]> {
  const [found, builds] = await Promise.all([
    findCuda(world, config.probe_timeout.value),
    configuredBuilds(world, config.engines.value),
  ]);
  const wanted = feature === "gpu" || config.device.value?.startsWith("cuda") === true;
  const absent = found.kind === "absent" ? found : null;
  const gpu = check(
    "gpu",
    "APR-DOCTOR-GPU",
    { wanted, available: absent === null, why: absent?.code ?? null },
    { finding: gpuText(found), neededFor: ["gpu"], fix: (absent && FIXES[absent.code]) ?? null },
  );
  return [gpu, buildCheck(found, builds), ...builds.map((build) => engineCheck(build, found))];
}

function gpuText(found: CudaFound): string {
  if (found.kind === "absent") return `none usable: ${found.message}`;
  const names = found.devices.map(({ index, name }) => `${index}:${name}`);
  return `${names.join(", ")}${found.driverCuda === null ? "" : `, CUDA up to ${found.driverCuda}`}`;
}

/** apr's own report under the contract's first gate that does not pass, or its last. */
function buildCheck(found: CudaFound, builds: readonly EngineBuild[]): Check {
  const report = cudaReport(found, builds);
  const keys = Object.keys(report);
  const verdicts = judgeContract(versionContract, { ...report, present_keys: keys }, "live");
  const verdict = verdicts.find((each) => each.verdict !== "pass") ?? verdicts.at(-1);
  if (verdict === undefined) throw new Error("the contract has no gate");
  const feature = report.cuda_feature ? "an engine has CUDA" : "no configured engine has CUDA";
  return {
    id: "build",
    finding: `${feature}; ${report.cuda_runtime_available ? "the runtime works" : "no runtime"}`,
    verdict,
    neededFor: ["gpu"],
    fix: verdict.verdict === "pass" ? null : "apr devices   # says why the runtime cannot be used",
  };
}

const NOT_ASKED: EngineAnswer = {
  command: null,
  runtime: null,
  devices: [],
  cuda: null,
  builtFor: null,
  versions: {},
  note: null,
};

function engineCheck(build: EngineBuild, found: CudaFound): Check {
  const { verdicts, reason, builtFor, feature } = engineReport(build, NOT_ASKED, found);
  const verdict = verdicts.find((each) => each.verdict !== "pass") ?? verdicts.at(-1);
  if (verdict === undefined) throw new Error("the contract has no gate");
  const stale = verdict.reason?.code === "stale-build";
  const built =
    feature === true ? `built with CUDA${builtFor === null ? "" : ` ${builtFor}`}` : build.evidence;
  return {
    id: build.engine,
    finding: stale ? `${built}, runtime not usable here: ${reason ?? "unknown"} · STALE BUILD` : built,
    verdict,
    neededFor: [],
    fix: verdict.verdict === "pass" ? null : `apr devices --engine ${JSON.stringify(build.engine)}`,
  };
}
