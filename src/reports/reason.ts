import { type Json, stringifyJson } from "../base/json.ts";
import type { Reason } from "../contracts/types.ts";
import { printable } from "./printable.ts";

/** A reason as one safe line: its code, then its fields as `name=value`. */
export function reasonText(reason: Reason): string {
  const { code, ...fields } = reason;
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  return printable([code, ...pairs].join(" "));
}

function valueText(value: Json): string {
  return typeof value === "string" ? value : stringifyJson(value);
}
