import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { ask, plainEnv } from "./ask.ts";
import { findLibrary } from "./library.ts";
import { probeDocument } from "./probe-line.ts";
import type { MemorySample } from "./residency.ts";
import type { DeviceWorld } from "./world.ts";

/** Gives samples of GPU memory until it is closed. */
export interface MemorySampler {
  readonly source: "nvml" | "nvidia-smi";
  /** The newest sample. Throws nothing; null where the driver has stopped answering. */
  read(): Promise<MemorySample | null>;
  close(): void;
}

const NVML_LIBRARIES = ["libnvidia-ml.so.1", "libnvidia-ml.so"] as const;
const INTERVAL_MS = 200;
/** A cold driver takes seconds for its first answer. */
const FIRST_LIMIT_MS = 10_000;
const CONTEXT_LIMIT_MS = 15_000;
const MAX_LINE = 256 * 1024;
const MAX_ENTRIES = 64 * 1024;

/** Taken where a bare context could not be measured. Usually it is a few hundred MiB: this errs against a proof. */
export const ASSUMED_CONTEXT_BYTES = 768 * 1024 * 1024;

/** The driver's memory library in a process of its own, or else nvidia-smi; null where there is neither. */
export async function openSampler(world: DeviceWorld): Promise<MemorySampler | null> {
  const library = await findLibrary(world, NVML_LIBRARIES);
  const program = world.probe();
  const sampler = library === null || program === null ? null : await startNvml(world, program, library);
  return sampler ?? smiSampler(world);
}

/** What a bare CUDA context takes here, bytes: one is made and given back. Null where that fails. */
export async function contextBytes(world: DeviceWorld): Promise<number | null> {
  const program = world.probe();
  const nvml = await findLibrary(world, NVML_LIBRARIES);
  const cuda = await findLibrary(world, ["libcuda.so.1"]);
  if (program === null || nvml === null || cuda === null) return null;
  const { stdout } = await ask(world, [...program, "context", nvml, cuda], CONTEXT_LIMIT_MS);
  const bytes = bytesOf(probeDocument(stdout)?.["context"]);
  return bytes === null || bytes === 0 ? null : bytes;
}

async function startNvml(
  world: DeviceWorld,
  program: readonly [string, ...string[]],
  library: string,
): Promise<MemorySampler | null> {
  let newest: MemorySample | null = null;
  let rest = "";
  let first: () => void = () => undefined;
  const came = new Promise<void>((resolve) => (first = resolve));
  const child = await world.processes
    .spawn({
      argv: [...program, "memory", library, String(INTERVAL_MS)],
      cwd: "/",
      env: plainEnv(world.env),
      captureBytes: 0,
      stdin: "pipe",
      onOutput: (stream, bytes) => {
        if (stream !== "stdout") return;
        const lines = (rest + new TextDecoder().decode(bytes)).split("\n");
        rest = (lines.pop() ?? "").slice(-MAX_LINE);
        for (const line of lines) {
          const document = probeDocument(line);
          newest = (document === null ? null : sampleOf(document)) ?? newest;
        }
        if (newest !== null) first();
      },
    })
    .catch(() => null);
  if (child === null) return null;
  const end = { over: false };
  const ended = child.exited.then(() => void (end.over = true));
  const wake = new AbortController();
  await Promise.race([came, ended, world.timers.sleep(FIRST_LIMIT_MS, wake.signal)]);
  wake.abort();
  const close = (): void => {
    child.closeInput();
    world.processes.signal(-child.pid, "SIGKILL");
    child.release();
  };
  if (newest === null) {
    close();
    return null;
  }
  return { source: "nvml", close, read: () => Promise.resolve(end.over ? null : newest) };
}

function sampleOf({ kind, devices, processes }: JsonObject): MemorySample | null {
  if (kind !== "memory" || !isJsonArray(devices) || !isJsonArray(processes)) return null;
  return {
    devices: devices.map(bytesOf),
    processes: processes.slice(0, MAX_ENTRIES).flatMap((entry) => {
      if (!isJsonObject(entry)) return [];
      const { device, pid, used } = entry;
      if (typeof device !== "number" || typeof pid !== "number") return [];
      return [{ device, pid, bytes: bytesOf(used) }];
    }),
  };
}

/** Bytes come as decimal text. */
function bytesOf(value: Json | undefined): number | null {
  if (typeof value !== "string" || !/^\d{1,15}$/.test(value)) return null;
  return Number(value);
}

const SMI_LIMIT_MS = 5000;
const MIB = 1024 * 1024;

async function smiSampler(world: DeviceWorld): Promise<MemorySampler | null> {
  const program = await world.processes.find("nvidia-smi", world.env["PATH"] ?? "");
  if (program === undefined) return null;
  const query = async (what: string): Promise<string | null> => {
    const argv: readonly [string, ...string[]] = [program, what, "--format=csv,noheader,nounits"];
    const { end, code, stdout } = await ask(world, argv, SMI_LIMIT_MS);
    return end === "exited" && code === 0 ? stdout : null;
  };
  const read = async (): Promise<MemorySample | null> => {
    const gpus = await query("--query-gpu=uuid,memory.used");
    const apps = await query("--query-compute-apps=gpu_uuid,pid,used_memory");
    return gpus === null || apps === null ? null : smiSample(gpus, apps);
  };
  return (await read()) === null ? null : { source: "nvidia-smi", read, close: () => undefined };
}

/** Reads nvidia-smi's two lists: `uuid, MiB` and `uuid, pid, MiB`. */
export function smiSample(gpus: string, apps: string): MemorySample {
  const mib = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) * MIB : null);
  const rows = (text: string): string[][] =>
    text
      .split("\n")
      .filter((line) => line.includes(", "))
      .map((line) => line.trim().split(", "));
  const devices = rows(gpus);
  const uuids = devices.map(([uuid]) => uuid);
  return {
    devices: devices.map(([, used = ""]) => mib(used)),
    processes: rows(apps).flatMap(([uuid, pid = "", used = ""]) => {
      return /^\d{1,10}$/.test(pid)
        ? [{ device: uuids.indexOf(uuid), pid: Number(pid), bytes: mib(used) }]
        : [];
    }),
  };
}
