import { alarmAfter, type Library, loadLibrary, ProbeError } from "./native.ts";

// Memory of GPUs and of the processes on them. Source: NVML API reference, functions by their names below.

/** Bytes as decimal text: they go through JSON. */
interface MemoryNow {
  readonly kind: "memory";
  /** Used bytes of each device; null where it does not tell, as in some MIG modes. */
  readonly devices: readonly (string | null)[];
  /** Process ids are those of the driver's own view: inside a container they are the host's. */
  readonly processes: readonly {
    readonly device: number;
    readonly pid: number;
    readonly used: string | null;
  }[];
}

const MAX_DEVICES = 64;
/** Processes that are read of one device. */
const MAX_PROCESSES = 1024;
/** nvmlProcessInfo_v2_t: pid at 0, usedGpuMemory at 8, two instance ids behind it. */
const INFO_BYTES = 24;
const USED_AT = 8;
const NOT_AVAILABLE = 0xffff_ffff_ffff_ffffn;
/** A call that takes longer hangs. */
const ALARM_SECONDS = 10;

/** Prints memory at once and then in every interval, until its input ends. */
export async function watchMemory(
  path: string,
  intervalMs: number,
  say: (now: MemoryNow) => void,
): Promise<void> {
  const alarm = await alarmAfter();
  alarm(ALARM_SECONDS);
  const read = memoryReader(await loadLibrary(path));
  const input = { open: true };
  process.stdin.on("end", () => (input.open = false)).resume();
  while (input.open) {
    alarm(ALARM_SECONDS);
    say(read());
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/**
 * What a bare CUDA context takes on the first device, bytes: made, measured, and given back. Other programs that
 * start on the device in the same moment make it larger.
 */
export async function measureContext(path: string, cuda: string): Promise<{ readonly context: string }> {
  (await alarmAfter())(ALARM_SECONDS);
  const read = memoryReader(await loadLibrary(path));
  const library = await loadLibrary(cuda);
  must("init", library.func("int cuInit(uint flags)")(0));
  const device = Buffer.alloc(4);
  must("device", library.func("int cuDeviceGet(void *device, int ordinal)")(device, 0));
  const context = Buffer.alloc(8);
  const before = read();
  const retain = library.func("int cuDevicePrimaryCtxRetain(void *context, int device)");
  must("context", retain(context, device.readInt32LE()));
  const after = read();
  // NVML counts the machine's devices, CUDA the visible ones: the one that grew is meant.
  const growth = after.devices.map((used, index) => BigInt(used ?? 0) - BigInt(before.devices[index] ?? 0));
  const most = growth.reduce((a, b) => (b > a ? b : a), 0n);
  return { context: most.toString() };
}

function memoryReader(nvml: Library): () => MemoryNow {
  must("init", nvml.func("int nvmlInit_v2()")());
  const counted = Buffer.alloc(4);
  must("count", nvml.func("int nvmlDeviceGetCount_v2(void *count)")(counted));
  const handles = deviceHandles(nvml, Math.min(counted.readUInt32LE(), MAX_DEVICES));
  const getMemory = nvml.func("int nvmlDeviceGetMemoryInfo(uint64_t device, void *memory)");
  const getProcesses =
    nvml.tryFunc("int nvmlDeviceGetComputeRunningProcesses_v3(uint64_t device, void *count, void *infos)") ??
    nvml.func("int nvmlDeviceGetComputeRunningProcesses_v2(uint64_t device, void *count, void *infos)");
  return () => ({
    kind: "memory",
    devices: handles.map((handle) => {
      // total, free, used: three 64-bit numbers.
      const memory = Buffer.alloc(24);
      return getMemory(handle, memory) === 0 ? memory.readBigUInt64LE(16).toString() : null;
    }),
    processes: handles.flatMap((handle, device) => {
      const count = Buffer.alloc(4);
      count.writeUInt32LE(MAX_PROCESSES);
      const infos = Buffer.alloc(MAX_PROCESSES * INFO_BYTES);
      if (getProcesses(handle, count, infos) !== 0) return [];
      const length = Math.min(count.readUInt32LE(), MAX_PROCESSES);
      return Array.from({ length }, (_, index) => {
        const used = infos.readBigUInt64LE(index * INFO_BYTES + USED_AT);
        const pid = infos.readUInt32LE(index * INFO_BYTES);
        return { device, pid, used: used === NOT_AVAILABLE ? null : used.toString() };
      });
    }),
  });
}

function deviceHandles(nvml: Library, count: number): bigint[] {
  const get = nvml.func("int nvmlDeviceGetHandleByIndex_v2(uint index, void *device)");
  return Array.from({ length: count }, (_, index) => {
    const handle = Buffer.alloc(8);
    must("device", get(index, handle));
    return handle.readBigUInt64LE();
  });
}

function must(stage: string, code: number): void {
  if (code !== 0) throw new ProbeError(stage, code, `${stage} failed with NVML error ${code}`);
}
