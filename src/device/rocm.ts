import { join } from "node:path";
import { type Backend, type BackendDevice, unavailable } from "./backend.ts";
import { findLibrary } from "./library.ts";
import type { DeviceWorld } from "./world.ts";

// AMD's GPUs as the kernel lists them; no program is asked. Source: Linux amdkfd, topology in sysfs.

const MAX_NODES = 64;
const MAX_FILE_BYTES = 16 * 1024;
const HIP_LIBRARIES = ["libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5"] as const;

/** Where the kernel shows them; a test may keep its own. */
export interface RocmPlaces {
  readonly topology: string;
  readonly device: string;
}

const PLACES: RocmPlaces = { topology: "/sys/class/kfd/kfd/topology/nodes", device: "/dev/kfd" };

/** AMD's GPUs, and whether ROCm programs can use them here. */
export async function findRocm(world: DeviceWorld, places: RocmPlaces = PLACES): Promise<Backend> {
  if (world.host.platform !== "linux") {
    return unavailable("rocm", "unsupported-system", `ROCm is not made for ${world.host.platform}`);
  }
  const devices = await listed(world, places.topology);
  if (devices.length === 0)
    return unavailable("rocm", "no-device", "the kernel lists no AMD GPU for compute");
  const open = await world.files.openRead(places.device).then(
    (file) => file.close().then(() => true),
    () => false,
  );
  if (!open) {
    const message = `${places.device} cannot be opened: join the render and video groups`;
    return unavailable("rocm", "no-permission", message, devices);
  }
  const library = await findLibrary(world, HIP_LIBRARIES, ["/opt/rocm/lib", "/opt/rocm/lib64"]);
  if (library === null) {
    return unavailable("rocm", "no-library", "libamdhip64.so not found: ROCm is not installed", devices);
  }
  return { name: "rocm", available: true, devices, reason: null };
}

async function listed({ files }: DeviceWorld, topology: string): Promise<BackendDevice[]> {
  const entries = await files.entries(topology, 1024).catch(() => null);
  const numbers = (entries ?? []).map(({ name }) => name).filter((name) => /^\d{1,4}$/.test(name));
  const found: BackendDevice[] = [];
  for (const node of numbers.sort((a, b) => Number(a) - Number(b)).slice(0, MAX_NODES)) {
    const read = (path: string): Promise<string> =>
      files.readBounded(join(topology, node, path), MAX_FILE_BYTES).then(
        (bytes) => new TextDecoder().decode(bytes),
        () => "",
      );
    const properties = await read("properties");
    const target = numberOf(properties, "gfx_target_version");
    // Processors are nodes too, without units that compute.
    if (numberOf(properties, "simd_count") === 0 || target === 0) continue;
    const memory = numberOf(await read("mem_banks/0/properties"), "size_in_bytes");
    found.push({
      index: found.length,
      name: (await read("name")).trim() || "AMD GPU",
      memoryBytes: memory === 0 ? null : memory,
      capability: gfxName(target),
    });
  }
  return found;
}

function numberOf(text: string, key: string): number {
  const digits = new RegExp(`^${key} (\\d{1,15})$`, "m").exec(text)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** The kernel counts 10000 × major + 100 × minor + stepping; the last two are one hexadecimal digit each. */
export function gfxName(target: number): string {
  const [minor, stepping] = [Math.floor(target / 100) % 100, target % 100];
  return `gfx${Math.floor(target / 10_000)}${minor.toString(16)}${stepping.toString(16)}`;
}
