import { alarmAfter, type Library, loadLibrary, ProbeError } from "./native.ts";

/** As the probe prints it. Texts are hexadecimal: a name is bytes, of any kind. */
export interface DriverAnswer {
  /** 1000 × major + 10 × minor. */
  readonly cuda: number;
  /** What the driver counts; more than `devices` where it counts more than can be. */
  readonly count: number;
  readonly devices: readonly {
    readonly name: string;
    readonly uuid: string;
    readonly memory: string;
    readonly major: number;
    readonly minor: number;
  }[];
}

const NAME_BYTES = 256;
const UUID_BYTES = 16;
const MAX_DEVICES = 64;
/** CUdevice_attribute. */
const MAJOR = 75;
const MINOR = 76;

/** Asks a CUDA driver library. Throws ProbeError with the step that failed. The process ends after `seconds`. */
export async function readDriver(path: string, seconds: number): Promise<DriverAnswer> {
  (await alarmAfter())(seconds);
  const library = await loadLibrary(path);
  const init = library.func("int cuInit(uint flags)");
  must("init", init(0));
  const cuda = readInt("version", (out) => library.func("int cuDriverGetVersion(void *out)")(out));
  const count = readInt("count", (out) => library.func("int cuDeviceGetCount(void *out)")(out));
  if (count < 0) throw new ProbeError("count", 0, `the driver counts ${count} devices`);
  const device = deviceReader(library);
  const indices = Array.from({ length: Math.min(count, MAX_DEVICES) }, (_, index) => index);
  return { cuda, count, devices: indices.map(device) };
}

function deviceReader(library: Library): (index: number) => DriverAnswer["devices"][number] {
  const get = library.func("int cuDeviceGet(void *device, int ordinal)");
  const getName = library.func("int cuDeviceGetName(void *name, int length, int device)");
  const getMemory = library.func("int cuDeviceTotalMem_v2(void *bytes, int device)");
  const getAttribute = library.func("int cuDeviceGetAttribute(void *value, int attribute, int device)");
  const getUuid =
    library.tryFunc("int cuDeviceGetUuid_v2(void *uuid, int device)") ??
    library.tryFunc("int cuDeviceGetUuid(void *uuid, int device)");
  return (index) => {
    const device = readInt("device", (out) => get(out, index));
    const name = Buffer.alloc(NAME_BYTES);
    must("name", getName(name, NAME_BYTES, device));
    const memory = Buffer.alloc(8);
    must("memory", getMemory(memory, device));
    const uuid = Buffer.alloc(UUID_BYTES);
    const known = getUuid !== null && getUuid(uuid, device) === 0;
    const end = name.indexOf(0);
    return {
      name: name.subarray(0, end === -1 ? NAME_BYTES : end).toString("hex"),
      uuid: known ? uuid.toString("hex") : "",
      memory: memory.readBigUInt64LE().toString(),
      major: readInt("attribute", (out) => getAttribute(out, MAJOR, device)),
      minor: readInt("attribute", (out) => getAttribute(out, MINOR, device)),
    };
  };
}

function readInt(stage: string, call: (out: Buffer) => number): number {
  const out = Buffer.alloc(4);
  must(stage, call(out));
  return out.readInt32LE();
}

function must(stage: string, code: number): void {
  if (code !== 0) throw new ProbeError(stage, code, `${stage} failed with CUDA error ${code}`);
}
