import { type Int, isIntegerValue } from "../base/ints.ts";
import { isJsonArray, isJsonObject, type Json } from "../base/json.ts";
import { keysOf } from "../base/json-keys.ts";
import { jsonPath } from "../base/json-path.ts";

/** Peaks stay below this so that every reader of JSON sees the same number: 2^53. */
const PEAK_LIMIT_BYTES = 2 ** 53;

/** The JSON path of the first value in a report that has not its exact type; null when all have. */
export function firstBadType(report: Json): string | null {
  if (!isJsonObject(report)) return jsonPath([]);
  for (const key of ["peak_allocated_bytes", "peak_reserved_bytes"]) {
    const peak = report[key];
    if (!isCount(peak) || peak >= PEAK_LIMIT_BYTES) return jsonPath([key]);
  }
  if (!isIntegerValue(report["exit_code"])) return jsonPath(["exit_code"]);
  return firstBadBucket(report["tensor_histogram"]) ?? firstBadOp(report["last_100_ops"]);
}

function firstBadBucket(histogram: Json | undefined): string | null {
  if (!isJsonObject(histogram)) return jsonPath(["tensor_histogram"]);
  const bucket = keysOf(histogram).find((key) => !isCount(histogram[key]));
  return bucket === undefined ? null : jsonPath(["tensor_histogram", bucket]);
}

function firstBadOp(ops: Json | undefined): string | null {
  if (!isJsonArray(ops)) return jsonPath(["last_100_ops"]);
  let last: Int = 0;
  for (const [index, op] of ops.entries()) {
    if (!isJsonObject(op)) return jsonPath(["last_100_ops", index]);
    const { op: name, bytes, ts_ns: time } = op;
    if (typeof name !== "string" || name === "") return jsonPath(["last_100_ops", index, "op"]);
    if (!isCount(bytes)) return jsonPath(["last_100_ops", index, "bytes"]);
    if (!isCount(time) || time < last) return jsonPath(["last_100_ops", index, "ts_ns"]);
    last = time;
  }
  return null;
}

function isCount(value: Json | undefined): value is Int {
  return isIntegerValue(value) && value >= 0;
}
