import type { Int } from "../../base/ints.ts";
import { formatBytes } from "../../base/units.ts";
import type { ModelFacts } from "../../model/facts.ts";
import type { Tensor } from "../../model/tensor.ts";
import { printable } from "../../reports/printable.ts";
import { padText, truncateText, widest, wrapLabelled } from "../../reports/text.ts";

/** Longer texts from a file are cut here; `--json` has them whole. */
const MAX_TEXT_WIDTH = 72;

/** The same for a tensor's name and shape, in a line of its own. The longest known names have 200 characters. */
const MAX_CELL_WIDTH = 256;

/** Long lists are wrapped to this. */
const LINE_WIDTH = 100;

/** Tensor types shown; the others are summed up. */
const MAX_TYPES = 6;

/** Files and notes shown. */
const MAX_LISTED = 8;

/** The facts on one screen: what it is first, then what it states, and what it does not. */
export function inspectText(path: string, facts: ModelFacts): string {
  const rows = factRows(facts);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, text]) => wrapLabelled(`  ${label.padEnd(width)}  `, text, LINE_WIDTH));
  return `${headline(path, facts)}\n\n${lines.join("\n")}\n`;
}

function headline(path: string, { architecture, quantization, parameters }: ModelFacts): string {
  const parts = [shown(architecture) ?? "unknown architecture", quantization ?? "no tensors"];
  return `${printable(path)}   ${parts.map(printable).join(" · ")} · ${exact(parameters)} parameters${short(parameters)}`;
}

function factRows(facts: ModelFacts): [label: string, text: string][] {
  const { notes, missing } = facts;
  const rows: [string, string | null][] = [
    ["name", shown(facts.name)],
    ["format", formatText(facts)],
    ["size", sizeText(facts)],
    ["weights", quantizationText(facts)],
    ["types", typesText(facts)],
    ["context", facts.context_length === null ? null : `${exact(facts.context_length)} tokens`],
    ["embedding", count(facts.embedding_length)],
    ["blocks", count(facts.block_count)],
    ["heads", headsText(facts)],
    ["vocabulary", count(facts.vocabulary_size)],
    ["licence", shown(facts.licence)],
    ["not stated", missing.length === 0 ? null : missing.join(", ").replaceAll("_", " ")],
    ...notes.slice(0, MAX_LISTED).map(({ message }): [string, string] => ["note", printable(message)]),
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function formatText({ format, format_version: version, byte_order: order }: ModelFacts): string {
  return format === "gguf" ? `GGUF ${version}${order === "big" ? ", big-endian" : ""}` : "safetensors";
}

function sizeText(facts: ModelFacts): string {
  const { weight_files: files, tensor_count: tensors } = facts;
  const many = files.length > 1 ? ` in ${files.length} files` : "";
  const header = `${formatBytes(Number(facts.header_bytes))} of header`;
  return `${formatBytes(Number(facts.size_bytes))}${many}: ${header}, ${exact(tensors)} tensors`;
}

function quantizationText({
  quantization,
  quantization_from: from,
  majority_type: majority,
}: ModelFacts): string | null {
  if (quantization === null || majority === null) return quantization;
  const most = `most values are ${majority}`;
  if (from === "tensor-types") return `${most}; nothing states how they were made`;
  return `${printable(quantization)} says ${from ?? "the file"}; ${most}`;
}

function typesText({ tensor_types: types }: ModelFacts): string | null {
  const first = types.slice(0, MAX_TYPES).map(({ type, tensors }) => `${type} × ${exact(tensors)}`);
  const more = types.length > MAX_TYPES ? [`${types.length - MAX_TYPES} more`] : [];
  return types.length === 0 ? null : [...first, ...more].join(", ");
}

function headsText({ head_count: heads, head_count_kv: kv }: ModelFacts): string | null {
  if (heads === null) return null;
  return `${counts(heads)}${kv === null ? "" : `, ${counts(kv)} for keys and values`}`;
}

function counts(value: Int | readonly Int[]): string {
  return typeof value === "object" ? `${[...new Set(value)].map(exact).join(" or ")} by block` : exact(value);
}

function count(value: Int | null): string | null {
  return value === null ? null : exact(value);
}

function shown(text: string | null): string | null {
  return text === null ? null : truncateText(printable(text), MAX_TEXT_WIDTH);
}

/** `8030261248` → `8,030,261,248`. */
function exact(value: Int): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** ` (8.0 B)` behind a number that is hard to read. */
function short(value: Int): string {
  const number = Number(value);
  const [unit, size] = number >= 1e12 ? ["T", 1e12] : number >= 1e9 ? ["B", 1e9] : ["M", 1e6];
  return number < 1e6 ? "" : ` (${(number / size).toFixed(1)} ${unit})`;
}

/**
 * Characters that are printed at a time: all tensors as one text would cost far more memory than they do. Measured:
 * with 64 Ki a tenth more, since what is not printed yet when garbage is collected is kept for long.
 */
const PIECE_CHARACTERS = 16 * 1024;

/** Every tensor as one line: name, type, shape, size, and where it begins. In pieces, to be printed one by one. */
export function* tensorsText(tensors: readonly Tensor[]): Generator<string> {
  const widths = [0, 0, 0, 0];
  for (const tensor of tensors) {
    const cells = tensorCells(tensor);
    for (const column of widths.keys()) {
      widths[column] = Math.max(widths[column] ?? 0, widest([cells[column] ?? ""]));
    }
  }
  yield* inPieces(tensors, (tensor) => {
    const cells = tensorCells(tensor).map((cell, column) => padText(cell, widths[column] ?? 0));
    return `${`  ${cells.join("  ")}`.trimEnd()}\n`;
  });
}

function tensorCells({ name, type, shape, offset, sizeBytes }: Tensor): string[] {
  // Cut before it is escaped, too: one hostile name must not widen a quarter of a million lines.
  const shownName = truncateText(printable(name.slice(0, 2 * MAX_CELL_WIDTH)), MAX_CELL_WIDTH);
  const shownShape = truncateText(`[${shape.join(", ")}]`, MAX_CELL_WIDTH);
  return [shownName, type, shownShape, `${exact(sizeBytes)} B`, `at ${exact(offset)}`];
}

/** The texts of all items, several in one piece as long as they are short. */
export function* inPieces<T>(
  items: readonly T[],
  textOf: (item: T, index: number) => string,
): Generator<string> {
  let piece: string[] = [];
  let characters = 0;
  for (const [index, item] of items.entries()) {
    const text = textOf(item, index);
    piece.push(text);
    characters += text.length;
    if (characters < PIECE_CHARACTERS) continue;
    yield piece.join("");
    piece = [];
    characters = 0;
  }
  yield piece.join("");
}
