import { isIntegerValue, isU64Value } from "../base/ints.ts";
import { isJsonArray, isJsonNumberValue, isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Field, Fields, Reason } from "./types.ts";

/**
 * The first field that is missing or of the wrong kind, as the reason to give; null when all are well.
 * Seed rules read a number that is no unsigned 64-bit integer as 0; with `strict` it is of the wrong kind.
 */
export function firstFieldProblem(
  fields: Fields,
  evidence: JsonObject,
  strict: boolean,
  prefix = "",
): Reason | null {
  for (const name in fields) {
    const field = fields[name] as Field;
    const value: Json | undefined = evidence[name];
    if (value === undefined) {
      if (field.optional === true) continue;
      return { code: "missing-evidence", field: prefix + name };
    }
    if (value === null && field.nullable === true) continue;
    if (!isOfKind(field, value, strict)) return { code: "malformed-evidence", field: prefix + name };
    const inner =
      field.fields === undefined ? null : innerProblem(field.fields, value, strict, prefix + name);
    if (inner !== null) return inner;
  }
  return null;
}

function innerProblem(fields: Fields, value: Json, strict: boolean, path: string): Reason | null {
  if (isJsonObject(value)) return firstFieldProblem(fields, value, strict, `${path}.`);
  if (!isJsonArray(value)) return null;
  for (const [index, item] of value.entries()) {
    const problem = isJsonObject(item) ? firstFieldProblem(fields, item, strict, `${path}[${index}].`) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function isOfKind(field: Field, value: Json, strict: boolean): boolean {
  switch (field.kind) {
    case "u64":
      return strict ? isU64Value(value) : isJsonNumberValue(value);
    case "integer":
      return isIntegerValue(value);
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "strings":
      return isJsonArray(value) && value.every((item) => typeof item === "string");
    case "integers":
      return isJsonArray(value) && value.every(isIntegerValue);
    case "object":
      return isJsonObject(value);
    case "objects":
      return isJsonArray(value) && value.every(isJsonObject);
    case "any":
      return true;
  }
}
