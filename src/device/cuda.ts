import type { JsonObject } from "../base/json.ts";
import { type Asked, ask } from "./ask.ts";
import { readFixture } from "./fixture.ts";
import { findLibrary } from "./library.ts";
import { asSeen, askNvidiaSmi } from "./nvidia-smi.ts";
import { driverFacts, probeDocument } from "./probe-line.ts";
import type { CudaAbsent, CudaFailure, CudaFound } from "./types.ts";
import type { DeviceWorld } from "./world.ts";

/** Together with Node's own start this stays below 2 s. A cold driver of many GPUs may need more. */
const PROBE_LIMIT_MS = 1300;

const MAX_VERSION_BYTES = 4096;

const CUDA_LIBRARIES = ["libcuda.so.1", "libcuda.so"] as const;

/** CUresult values that say more than "failed". Source: cuda.h. */
const NO_DEVICE = 100;
const REASONS: ReadonlyMap<number, string> = new Map([
  [3, "the driver is not initialized"],
  [35, "the driver is too old"],
  [NO_DEVICE, "the driver sees no device"],
  [802, "the system is not yet ready: the fabric manager may not run"],
  [803, "the driver's library and its kernel module have different versions"],
  [804, "forward compatibility is not supported on this device"],
  [999, "an unknown error: the kernel module may not be loaded"],
]);

/**
 * What the CUDA driver says, or why it says nothing. Looks for the driver's library first, which costs nothing; only
 * where there is one does it start the probe program, which may hang or crash and is ended after `limitMs`.
 */
export async function findCuda(world: DeviceWorld, limitMs: number = PROBE_LIMIT_MS): Promise<CudaFound> {
  const fixture = await readFixture(world);
  if (fixture !== null) return fixture;
  if (world.host.platform !== "linux")
    return absent("unsupported-system", `CUDA is not made for ${world.host.platform}`);
  const library = await findLibrary(world, CUDA_LIBRARIES);
  if (library === null) return absent("no-library", "libcuda.so.1 not found: no NVIDIA driver is installed");
  const startMs = world.clock.monotonicMs();
  const found = await askDriver(world, library, limitMs);
  const driver = await driverVersion(world, library);
  if (found.kind === "answered") return { ...found, driver };
  const restMs = limitMs - (world.clock.monotonicMs() - startMs);
  return explained(world, { ...found, driver }, restMs);
}

async function askDriver(world: DeviceWorld, library: string, limitMs: number): Promise<CudaFound> {
  const program = world.probe();
  if (program === null) return absent("no-bridge", "apr's probe program is not there: build it again");
  // Should apr be killed while the driver hangs, the kernel ends the probe all the same.
  const seconds = Math.ceil(limitMs / 1000) + 1;
  const asked = await ask(world, [...program, "devices", library, String(seconds)], limitMs);
  return readAnswer(asked, limitMs, world.env["CUDA_VISIBLE_DEVICES"]);
}

function readAnswer(asked: Asked, limitMs: number, visible: string | undefined): CudaFound {
  const document = probeDocument(asked.stdout);
  if (document?.["kind"] === "answer") {
    const facts = driverFacts(document);
    if (facts === null) return absent("garbled", "the driver's answer makes no sense");
    if (facts.devices.length === 0) return noDevice(visible);
    const { cuda: driverCuda, devices } = facts;
    return { kind: "answered", source: "driver", driver: null, driverCuda, devices, feature: null };
  }
  if (document?.["kind"] === "error") return failedAt(document, visible);
  if (asked.end === "timeout") {
    return absent(
      "timeout",
      `the driver did not answer within ${limitMs} ms; APR_PROBE_TIMEOUT=10s waits longer`,
    );
  }
  if (asked.end === "signal") return absent("crashed", `the driver crashed the probe (${asked.signal})`);
  return absent("garbled", "the probe ended without an answer");
}

const BY_STAGE: ReadonlyMap<string, CudaFailure> = new Map<string, CudaFailure>([
  ["bridge", "no-bridge"],
  ["load", "cannot-load"],
  ["symbol", "cannot-load"],
]);

function failedAt({ stage, code, message }: JsonObject, visible: string | undefined): CudaAbsent {
  if (code === NO_DEVICE) return noDevice(visible);
  const words = (typeof code === "number" ? REASONS.get(code) : undefined) ?? "no further reason";
  const number = typeof code === "number" ? code : 0;
  const step = typeof stage === "string" ? stage : "unknown";
  const failure = BY_STAGE.get(step) ?? "init-failed";
  if (failure === "init-failed") {
    return absent(failure, `the driver failed at ${step} with CUDA error ${number}: ${words}`);
  }
  return absent(failure, typeof message === "string" ? message.slice(0, 300) : step);
}

function noDevice(visible: string | undefined): CudaAbsent {
  if (visible === undefined) return absent("no-device", "the driver works and sees no device");
  return absent(
    "hidden",
    `no device is visible: CUDA_VISIBLE_DEVICES is ${JSON.stringify(visible.slice(0, 80))}`,
  );
}

/** nvidia-smi knows devices that CUDA cannot use. Where only apr's own bridge is missing, its word stands. */
async function explained(world: DeviceWorld, found: CudaAbsent, restMs: number): Promise<CudaFound> {
  if (restMs < 100) return found;
  const smi = await askNvidiaSmi(world, restMs);
  if (smi === null || smi.devices.length === 0) return found;
  const devices = asSeen(smi.devices, world.env["CUDA_VISIBLE_DEVICES"]);
  if (found.code === "no-bridge" && devices.length > 0) {
    return { ...smi, kind: "answered", source: "nvidia-smi", driverCuda: null, devices, feature: null };
  }
  const count = smi.devices.length === 1 ? "1 device" : `${smi.devices.length} devices`;
  return {
    ...found,
    message: `${found.message} (nvidia-smi lists ${count})`,
    driver: found.driver ?? smi.driver,
  };
}

/** Such as `550.54.15`: the kernel module's, or, in a container that hides it, the library's own, which is the same. */
async function driverVersion({ files }: DeviceWorld, library: string): Promise<string | null> {
  const read = async (path: string): Promise<string> => {
    const bytes = await files.readBounded(path, MAX_VERSION_BYTES).catch(() => null);
    return bytes === null ? "" : new TextDecoder().decode(bytes);
  };
  const module = /^[\d.]{1,40}$/.exec((await read("/sys/module/nvidia/version")).trim())?.[0];
  const loaded = /Kernel Module\D{1,40}(\d{1,4}(?:\.\d{1,4}){1,2})\b/.exec(
    await read("/proc/driver/nvidia/version"),
  )?.[1];
  const real = await files.realPath(library).catch(() => library);
  return module ?? loaded ?? /\.so\.(\d{2,4}(?:\.\d{1,4}){1,2})$/.exec(real)?.[1] ?? null;
}

function absent(code: CudaFailure, message: string): CudaAbsent {
  return { kind: "absent", source: "driver", code, message, driver: null, feature: null };
}
