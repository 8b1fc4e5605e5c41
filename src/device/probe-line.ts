import { isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import { type CudaDevice, MAX_DEVICES_READ } from "./types.ts";

/** Begins the line of the probe program that counts. */
const MARK = "APR-PROBE ";

/** The last marked line as a document; null where there is none. A driver may have printed anything beside it. */
export function probeDocument(stdout: string): JsonObject | null {
  const line = stdout
    .split("\n")
    .findLast((text) => text.startsWith(MARK))
    ?.slice(MARK.length);
  if (line === undefined) return null;
  try {
    const document = parseJson(line);
    return isJsonObject(document) ? document : null;
  } catch {
    return null;
  }
}

/** What the driver said of itself. */
export interface DriverFacts {
  /** Such as `12.4`. */
  readonly cuda: string;
  readonly devices: readonly CudaDevice[];
}

/** Reads the probe's answer; null where it is none. */
export function driverFacts(document: JsonObject): DriverFacts | null {
  const { cuda, devices } = document;
  if (!Array.isArray(devices) || devices.length > MAX_DEVICES_READ || !isCount(cuda)) return null;
  const read = devices.map((device: Json, index) => deviceOf(device, index));
  if (read.includes(null)) return null;
  return { cuda: cudaVersion(cuda), devices: read as CudaDevice[] };
}

/** CUDA counts its versions as 1000 × major + 10 × minor. */
function cudaVersion(number: number): string {
  return `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;
}

function deviceOf(device: Json, index: number): CudaDevice | null {
  if (!isJsonObject(device)) return null;
  const { name, uuid, memory, major, minor } = device;
  if (typeof name !== "string" || typeof uuid !== "string" || typeof memory !== "string") return null;
  const bytes = /^\d{1,16}$/.test(memory) ? Number(memory) : Number.NaN;
  const text = Buffer.from(name, "hex").toString("utf8");
  return {
    index,
    name: text,
    uuid: uuidText(uuid, text),
    memoryBytes: Number.isSafeInteger(bytes) ? bytes : null,
    computeCapability: isCount(major) && isCount(minor) ? `${major}.${minor}` : null,
  };
}

/** The driver gives 16 bytes; tools write them with a prefix. A part of a GPU says so in its name. */
function uuidText(hex: string, name: string): string | null {
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(hex);
  if (parts === null) return null;
  return `${/\bMIG\b/.test(name) ? "MIG" : "GPU"}-${parts.slice(1).join("-")}`;
}

function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
