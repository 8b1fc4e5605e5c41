import { isU64Value } from "../base/ints.ts";
import { isJsonArray, isJsonObject, type Json, JsonNumber, MAX_JSON_DEPTH } from "../base/json.ts";
import type { PackEvent } from "./types.ts";

/** Where an event adds this much, its data may still be as deep as any reader takes. */
const MAX_DATA_DEPTH = MAX_JSON_DEPTH - 2;

const KEYS = "version,seq,time_ns,kind,data";

/** Why a value that was read is no event as a pack holds it; null when it is one. */
export function readProblem(value: Json): string | null {
  if (!isJsonObject(value)) return "is no object";
  if (Object.keys(value).join(",") !== KEYS) return `does not have just the keys ${KEYS}`;
  return eventProblem(value as unknown as PackEvent);
}

/** Why an event cannot be written so that it reads back the same; null when it can. */
export function eventProblem({ version, seq, time_ns: timeNs, kind, data }: PackEvent): string | null {
  if (version !== 1) return "is not of version 1";
  if (!isExactU64(seq)) return "has a number that is no unsigned 64-bit integer";
  if (!isExactU64(timeNs)) return "has a time that is no unsigned 64-bit integer";
  if (typeof kind !== "string") return "has no kind";
  if (data === null) return null;
  if (!isJsonObject(data)) return "has data that is no object";
  return isWritable(data, 0) ? null : "has data that JSON cannot hold, or nested too deeply";
}

function isExactU64(value: Json): boolean {
  return isU64Value(value) && (typeof value === "bigint" || Number.isSafeInteger(value));
}

function isWritable(value: Json | undefined, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null || value instanceof JsonNumber) return true;
  if (depth > MAX_DATA_DEPTH) return false;
  if (isJsonArray(value)) return value.every((item) => isWritable(item, depth + 1));
  for (const key in value) if (!isWritable(value[key], depth + 1)) return false;
  return true;
}
