import { isIntegerValue } from "../base/ints.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import type { OomDetail } from "./detail.ts";

/** What PyTorch's own observer saw when an allocation failed. */
export interface TorchFailure {
  readonly pid: number;
  /** Nanoseconds since 1970, to find the last of several. */
  readonly timeNs: bigint;
  readonly device: number;
  readonly allocatedBytes: number;
  readonly reservedBytes: number;
  readonly detail: OomDetail;
}

/** The facts file is made by our own shim, but within the program: it may say anything. Larger ones are not read. */
export const MAX_TORCH_FACTS_BYTES = 1024 * 1024;
const MAX_FRAMES = 200;

/** Reads one facts file of the shim; null when it is none. */
export function readTorchFacts(text: string, name: string): TorchFailure | null {
  const document = parsed(text);
  if (document === null) return null;
  const whole = (key: string): number | undefined => asWhole(document[key]);
  const [pid, device, time] = [whole("pid"), whole("device"), document["time_ns"]];
  if (pid === undefined || device === undefined || !isIntegerValue(time)) return null;
  const [torch, card] = [word(document["torch"]), word(document["device_name"])];
  return {
    ...{ pid, device, timeNs: BigInt(time) },
    allocatedBytes: whole("allocated_bytes") ?? 0,
    reservedBytes: whole("reserved_bytes") ?? 0,
    detail: {
      source: `PyTorch's out-of-memory observer (${name})`,
      ...figures(document),
      ...stackOf(document["stack"]),
      notes: [`PyTorch ${torch} on cuda:${device}, ${card}`],
    },
  };
}

function figures(document: JsonObject): Partial<OomDetail> {
  const keys = {
    peakAllocatedBytes: "peak_allocated_bytes",
    peakReservedBytes: "peak_reserved_bytes",
    requestedBytes: "requested_bytes",
    freeBytes: "free_bytes",
    totalBytes: "total_bytes",
  } as const;
  return Object.fromEntries(
    Object.entries(keys).flatMap(([key, name]) => {
      const value = asWhole(document[name]);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function stackOf(stack: Json | undefined): Partial<OomDetail> {
  if (!isJsonArray(stack)) return {};
  const frames = stack.filter((frame) => typeof frame === "string").slice(-MAX_FRAMES);
  return frames.length === 0 ? {} : { largestAllocStack: frames };
}

function parsed(text: string): JsonObject | null {
  try {
    const document = parseJson(text);
    return isJsonObject(document) ? document : null;
  } catch {
    return null;
  }
}

function asWhole(value: Json | undefined): number | undefined {
  if (!isIntegerValue(value) || value < 0 || value > Number.MAX_SAFE_INTEGER) return undefined;
  return Number(value);
}

function word(value: Json | undefined): string {
  return typeof value === "string" ? value.slice(0, 200) : "unknown";
}
