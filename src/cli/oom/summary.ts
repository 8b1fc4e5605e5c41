import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { printable } from "../../reports/printable.ts";

/** A few lines for a terminal: what died, of what, and where to look. */
export function summaryOf(report: JsonObject, path: string): string {
  const cause = isJsonObject(report["cause"]) ? report["cause"] : {};
  const lines = [
    `out of memory: ${who(cause)}${by(cause)}`,
    figures(cause),
    `peak ${size(report["peak_allocated_bytes"])} allocated, ${size(report["peak_reserved_bytes"])} reserved`,
    `look   apr oom show ${path}`,
  ];
  return `\n${lines
    .filter((line) => line !== "")
    .map((line) => `  ${printable(line)}\n`)
    .join("")}`;
}

function who(cause: JsonObject): string {
  const process = cause["process"];
  if (!isJsonObject(process)) return "the program";
  return `${word(process["name"])} (process ${word(process["pid"])})`;
}

function by(cause: JsonObject): string {
  const limit = typeof cause["limit_bytes"] === "number" ? `, limit ${size(cause["limit_bytes"])}` : "";
  switch (cause["killer"]) {
    case "kernel":
      return ", killed by the kernel";
    case "cgroup":
      return `, killed by the limit of its group ${word(cause["group"])}${limit}`;
    case "gpu":
      return `, refused by GPU ${word(cause["device"])}`;
    default:
      return `, refused by its ${word(cause["killer"])}${limit}`;
  }
}

function figures(cause: JsonObject): string {
  const parts = [
    ["asked for", cause["requested_bytes"]],
    ["free", cause["free_bytes"]],
    ["in all", cause["total_bytes"]],
    ["in use", cause["usage_at_death_bytes"]],
  ] as const;
  return parts
    .filter(([, bytes]) => typeof bytes === "number")
    .map(([what, bytes]) => `${what} ${size(bytes)}`)
    .join(", ");
}

function size(bytes: Json | undefined): string {
  return typeof bytes === "number" ? formatBytes(bytes) : "unknown";
}

function word(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}
