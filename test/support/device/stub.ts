import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempDir } from "../temp.ts";

const SOURCE = fileURLToPath(new URL("stub.c", import.meta.url));
const NVML_SOURCE = fileURLToPath(new URL("nvml.c", import.meta.url));

/** A folder with a driver library that acts as these macros say, such as `COUNT=17` or `HANG`. Needs gcc. */
export function driverStub(...macros: readonly string[]): string {
  const folder = tempDir();
  const defines = macros.map((macro) => `-D${macro}`);
  // As a driver's package does it: the version is part of the file's name.
  const target = join(folder, "libcuda.so.550.54.15");
  execFileSync("gcc", ["-shared", "-fPIC", "-w", ...defines, "-o", target, SOURCE]);
  symlinkSync(target, join(folder, "libcuda.so.1"));
  return folder;
}

/** A folder with a memory library that says what the file `$STUB_NVML` says. Needs gcc. */
export function nvmlStub(): string {
  const folder = tempDir();
  const target = join(folder, "libnvidia-ml.so.1");
  execFileSync("gcc", ["-shared", "-fPIC", "-w", "-o", target, NVML_SOURCE]);
  return folder;
}

/** The environment in which that library is found, and nothing of the machine's own setup is. */
export function withDriver(folder: string): Record<string, string | undefined> {
  return { ...quietEnv(), LD_LIBRARY_PATH: folder };
}

/** No configuration, no fixture, no nvidia-smi. */
export function quietEnv(): Record<string, string | undefined> {
  return {
    HOME: tempDir(),
    XDG_CONFIG_HOME: undefined,
    LD_LIBRARY_PATH: undefined,
    CUDA_VISIBLE_DEVICES: undefined,
    APR_DEVICE: undefined,
    APR_ENGINES: undefined,
    APR_PROBE_TIMEOUT: undefined,
    APR_DEVICE_FIXTURE: undefined,
  };
}
