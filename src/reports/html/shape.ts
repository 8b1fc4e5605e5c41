import { isJsonArray, type Json } from "../../base/json.ts";
import { isObject } from "./read-json.ts";

// What a file must be before it is shown as a report: a file may say that it is one and be anything.

export type Is = (json: Json | undefined) => boolean;

export const text: Is = (json) => typeof json === "string";
/** What may stand in a command line: no program can be given a NUL. */
export const word: Is = (json) => typeof json === "string" && !json.includes("\0");
export const number: Is = (json) => typeof json === "number" && Number.isFinite(json);
export const count: Is = (json) => typeof json === "number" && Number.isSafeInteger(json) && json >= 0;
export const flag: Is = (json) => typeof json === "boolean";
export const verdict: Is = (json) => json === "pass" || json === "fail" || json === "inconclusive";

export const orNull =
  (is: Is): Is =>
  (json) =>
    json === null || is(json);

/** For what reports of an older apr do not have. */
export const orAbsent =
  (is: Is): Is =>
  (json) =>
    json === undefined || is(json);

export const list =
  (is: Is): Is =>
  (json) =>
    json !== undefined && isJsonArray(json) && json.every(is);

export const record =
  (is: Is): Is =>
  (json) =>
    isObject(json) && Object.values(json).every(is);

export const shape =
  (fields: Readonly<Record<string, Is>>): Is =>
  (json) =>
    isObject(json) && Object.entries(fields).every(([name, is]) => is(json[name]));

export const reason: Is = shape({ code: text });
export const gate: Is = shape({ gate: text, verdict, judged: text, reason: orNull(reason) });
