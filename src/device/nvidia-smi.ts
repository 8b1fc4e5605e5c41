import { ask } from "./ask.ts";
import { type CudaDevice, MAX_DEVICES_READ } from "./types.ts";
import { visibleOf } from "./visible.ts";
import type { DeviceWorld } from "./world.ts";

/** What nvidia-smi lists: all devices of the machine, whatever CUDA_VISIBLE_DEVICES says. */
export interface SmiFacts {
  readonly driver: string | null;
  readonly devices: readonly CudaDevice[];
}

const QUERY = "--query-gpu=index,uuid,memory.total,driver_version,compute_cap,name";
const MIB = 1024 * 1024;

/** Asks nvidia-smi; null where it is not there, fails, or is too slow. */
export async function askNvidiaSmi(world: DeviceWorld, limitMs: number): Promise<SmiFacts | null> {
  const program = await world.processes.find("nvidia-smi", world.env["PATH"] ?? "");
  if (program === undefined) return null;
  const { end, code, stdout } = await ask(world, [program, QUERY, "--format=csv,noheader,nounits"], limitMs);
  return end === "exited" && code === 0 ? parseSmi(stdout) : null;
}

/** One line a device; the name comes last, for it may hold a comma. Lines of another form are passed over. */
export function parseSmi(text: string): SmiFacts {
  const lines = text.split("\n").map((line) => line.trim());
  const devices: CudaDevice[] = [];
  let driver: string | null = null;
  for (const line of lines) {
    const fields = /^(\d{1,4}), (\S+), (\S+), (\S+), (\S+), (.+)$/.exec(line);
    if (fields === null || devices.length === MAX_DEVICES_READ) continue;
    const [, index = "", uuid = "", memory = "", version = "", capability = "", name = ""] = fields;
    driver ??= /^\d+(\.\d+)+$/.test(version) ? version : null;
    devices.push({
      index: Number(index),
      name,
      uuid: uuid.startsWith("GPU-") ? uuid : null,
      memoryBytes: /^\d{1,9}$/.test(memory) ? Number(memory) * MIB : null,
      computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
    });
  }
  return { driver, devices };
}

/** The devices that programs see, counted as they count them. */
export function asSeen(
  devices: readonly CudaDevice[],
  visibleDevices: string | undefined,
): readonly CudaDevice[] {
  return visibleOf(devices, visibleDevices).map((device, index) => ({ ...device, index }));
}
