import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import type { BarsPicture } from "./pictures.ts";
import { isObject, listAt, numberAt, textAt, textsAt } from "./read-json.ts";
import { count, list, number, orNull, shape, text } from "./shape.ts";

const fit = shape({
  ...{ model: text, context_tokens: count, weights_bytes: orNull(number), total_bytes: orNull(number) },
  ...{ changes: list(isObject), missing: list(text), assumptions: list(text) },
  fits: orNull((json) => typeof json === "boolean"),
});

/** Whether a file is what `apr oom fit --json` wrote. */
export function isFitAdvice(report: JsonObject): boolean {
  return fit(report);
}

/** The page of `apr oom fit`: what a model takes, and each single change that would make it fit. */
export function fitPage(report: JsonObject): Page {
  const bytes = (key: string): string => {
    const value = numberAt(report, key);
    return value === null ? "not known" : formatBytes(value);
  };
  const fits = report["fits"];
  const memory = numberAt(report, "memory_bytes");
  const word = fits === true ? "fits" : fits === false ? "does not fit" : "cannot be told";
  const longest = numberAt(report, "longest_context");
  const rows: (readonly [string, Cell])[] = [
    ["context", `${numberAt(report, "context_tokens") ?? ""} tokens`],
    ["longest context that fits", longest === null ? "not known" : `${longest} tokens`],
    ["layers on the GPU", String(numberAt(report, "gpu_layers") ?? "none named")],
    ["batch", String(numberAt(report, "batch") ?? "")],
    ["KV cache in", textAt(report, "kv_type") ?? ""],
    ...textsAt(report, "missing").map((each) => ["not known", each] as const),
  ];
  return {
    title: `what fits: ${textAt(report, "model") ?? ""}`,
    finding: `${word}: ${bytes("total_bytes")}${memory === null ? "" : ` in ${formatBytes(memory)}`}`,
    verdict: fits === true ? "pass" : fits === false ? "fail" : "inconclusive",
    blocks: [
      { kind: "picture", picture: parts(report, memory) },
      { kind: "facts", rows },
      changes(report),
      ...textsAt(report, "assumptions").map((each): Block => ({ kind: "text", text: `assumed: ${each}` })),
    ],
  };
}

function parts(report: JsonObject, memory: number | null): BarsPicture {
  const named = [
    ["weights", "weights_bytes"],
    ["KV cache", "kv_bytes"],
    ["overhead", "overhead_bytes"],
    ["all together", "total_bytes"],
    ["of it on the GPU", "gpu_bytes"],
  ] as const;
  const bars = named.flatMap(([label, key]) => {
    const value = numberAt(report, key);
    return value === null ? [] : [{ label, value }];
  });
  const all = memory === null ? bars : [...bars, { label: "memory there is", value: memory }];
  const summary = all.map(({ label, value }) => `${label} ${formatBytes(value)}`).join(" · ");
  return { kind: "bars", unit: "bytes", title: "What it takes", summary, bars: all };
}

function changes(report: JsonObject): Block {
  const rows = listAt(report, "changes")
    .filter(isObject)
    .map((change): Cell[] => [
      textAt(change, "kind") ?? "",
      Object.entries(change)
        .filter(([key]) => key !== "kind" && key !== "bytes")
        .map(
          ([key, value]) =>
            `${key.replaceAll("_", " ")} ${typeof value === "string" ? value : stringifyJson(value)}`,
        )
        .join(", "),
      formatBytes(numberAt(change, "bytes") ?? 0),
    ]);
  return {
    kind: "table",
    caption:
      rows.length === 0 ? "No single change makes it fit, or none is needed" : "Each alone makes it fit",
    columns: [{ title: "change" }, { title: "to" }, { title: "then takes", numeric: true }],
    rows,
  };
}
