import { formatBytes } from "../../base/units.ts";
import type { Change, Fit } from "../../oom/fit/advice.ts";
import { printable } from "../../reports/printable.ts";
import { wrapLabelled } from "../../reports/text.ts";

const LINE_WIDTH = 100;

export interface FitQuestion {
  readonly name: string;
  readonly contextTokens: number;
  readonly gpuLayers: number | undefined;
  readonly memoryBytes: number | null;
}

type Row = readonly [label: string, text: string];

/** The verdict first, then the parts, what would make it fit, and what was taken for granted. */
export function fitText(question: FitQuestion, found: Fit): string {
  const { prediction, longestContext, changes } = found;
  const { missing } = prediction;
  const rows: Row[] = [
    ["weights", formatBytes(prediction.weightsBytes)],
    ["keys and values", missing.length > 0 ? "unknown" : formatBytes(prediction.kvBytes)],
    ["overhead", formatBytes(prediction.overheadBytes)],
    ["total", `${missing.length > 0 ? "at least " : ""}${formatBytes(prediction.totalBytes)}`],
    ...(question.gpuLayers === undefined
      ? []
      : [
          [
            "on the GPU",
            `${formatBytes(prediction.gpuBytes)} with ${question.gpuLayers} layers there`,
          ] as const,
        ]),
    ...(missing.length === 0
      ? []
      : [
          [
            "not stated",
            `${missing.join(", ").replaceAll("_", " ")}: a model's folder with its config.json states more than one file`,
          ] as const,
        ]),
    ...changes.map((change): Row => ["would fit", changeText(change)]),
    ...(found.fits === false && changes.length === 0
      ? [["would fit", "nothing that is changed by itself makes it fit"] as const]
      : []),
    ...(found.fits === true && longestContext !== null && longestContext > question.contextTokens
      ? [["room for", `${longestContext} tokens of context`] as const]
      : []),
    ...prediction.assumptions.map((assumption): Row => ["assumed", assumption]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  let last = "";
  const lines = rows.flatMap(([label, text]) => {
    const shown = label === last ? "" : label;
    last = label;
    return wrapLabelled(`  ${shown.padEnd(width)}  `, printable(text), LINE_WIDTH);
  });
  return `${printable(question.name)}   ${verdict(question, found)}\n\n${lines.join("\n")}\n`;
}

function verdict(
  { contextTokens, memoryBytes }: FitQuestion,
  { fits, judgedBytes, prediction }: Fit,
): string {
  const needs = `${formatBytes(judgedBytes)} for ${contextTokens} tokens`;
  if (memoryBytes === null) return `takes ${prediction.missing.length > 0 ? "more than " : ""}${needs}`;
  const room = formatBytes(memoryBytes);
  if (fits === null) return `cannot be told: the model does not state enough (at least ${needs}, of ${room})`;
  return fits ? `fits: ${needs}, of ${room}` : `does not fit: ${needs}, of ${room}`;
}

function changeText(change: Change): string {
  const takes = `${formatBytes(change.bytes)}`;
  switch (change.kind) {
    case "context":
      return `a context of ${change.contextTokens} tokens: ${takes}`;
    case "kv-type":
      return `keys and values in ${change.kvType}: ${takes}`;
    case "quantization":
      return `weights in ${change.label}, about ${change.bitsPerWeight} bits each: ${takes}`;
    case "gpu-layers":
      return `${change.gpuLayers} layers on the GPU: ${takes} there`;
    case "batch":
      return `${change.batch} tokens worked on at once: ${takes}`;
  }
}
