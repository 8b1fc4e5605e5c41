import { isJsonArray, type Json, type JsonObject } from "../../base/json.ts";

// Reports may come from anywhere: what has another type than it should counts as absent, and nothing throws.

export function objectAt(json: Json | undefined, key: string): JsonObject {
  const value = isObject(json) ? json[key] : undefined;
  return isObject(value) ? value : {};
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !isJsonArray(json);
}

/** Null for what is no finite number. */
export function numberAt(json: JsonObject, key: string): number | null {
  const value = json[key];
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function textAt(json: JsonObject, key: string): string | null {
  const value = json[key];
  return typeof value === "string" ? value : null;
}

export function listAt(json: JsonObject, key: string): readonly Json[] {
  const value = json[key];
  return value !== undefined && isJsonArray(value) ? value : [];
}

export function textsAt(json: JsonObject, key: string): readonly string[] {
  return listAt(json, key).filter((each) => typeof each === "string");
}
