import type { JsonObject } from "../base/json.ts";
import { canRun } from "./compatible.ts";
import type { EngineBuild } from "./engine/types.ts";
import type { CudaFound } from "./types.ts";

/** The part of the version report that contract `gputrain-007` judges, and what stands behind it. */
export interface CudaReport {
  readonly cuda_feature: boolean;
  readonly cuda_runtime_available: boolean;
  /** Each `index:name`. */
  readonly visible_devices: readonly string[];
  readonly devices: readonly JsonObject[];
  readonly cuda: JsonObject;
  readonly engines: readonly JsonObject[];
}

/**
 * Puts together what the driver and the configured engines say. A driver that answers is not yet a runtime: where
 * engines have CUDA kernels, it must be able to run at least one of them.
 */
export function cudaReport(found: CudaFound, builds: readonly EngineBuild[]): CudaReport {
  const answered = found.kind === "answered" ? found : null;
  const devices = answered?.devices ?? [];
  const driverCuda = answered?.driverCuda ?? null;
  const withCuda = builds.filter(({ cuda }) => cuda === true);
  const tooNew = withCuda.filter(({ builtFor }) => canRun(driverCuda, builtFor) === false);
  const usable = withCuda.length === 0 || tooNew.length < withCuda.length;
  const reason =
    found.kind === "absent"
      ? { code: found.code, message: found.message }
      : usable
        ? null
        : { code: "driver-too-old", message: tooOld(tooNew, driverCuda) };
  return {
    cuda_feature: found.feature ?? withCuda.length > 0,
    cuda_runtime_available: answered !== null && usable,
    visible_devices: devices.map(({ index, name }) => `${index}:${name}`),
    devices: devices.map((device) => ({
      index: device.index,
      name: device.name,
      uuid: device.uuid,
      memory_bytes: device.memoryBytes,
      compute_capability: device.computeCapability,
      driver: found.driver,
    })),
    cuda: { source: found.source, driver: found.driver, driver_cuda: driverCuda, reason },
    engines: builds.map((build) => buildJson(build, driverCuda)),
  };
}

function buildJson(build: EngineBuild, driverCuda: string | null): JsonObject {
  const { engine, kind, path, cuda, builtFor, libraries, evidence } = build;
  return {
    engine,
    kind,
    path,
    cuda,
    built_for: builtFor,
    driver_can_run: canRun(driverCuda, builtFor),
    libraries,
    evidence,
  };
}

function tooOld(builds: readonly EngineBuild[], driverCuda: string | null): string {
  const named = builds.map(({ engine, builtFor }) => `${engine} is built for CUDA ${builtFor}`).join(", ");
  return `the driver runs CUDA up to ${driverCuda}, and ${named}`;
}
