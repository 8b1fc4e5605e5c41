import type { Captured } from "../world/processes.ts";
import { KEPT_CHARS, MARGIN_BYTES } from "./limits.ts";
import type { Redactor } from "../redact/redactor.ts";
import { mark } from "../redact/finding.ts";
import type { OutputRecord } from "./types.ts";

/** Sequences that colour text or move the cursor: one in the middle would hide a secret from every rule. */
const TERMINAL_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

/** What was captured of a stream: all of it, or its beginning and its end. */
export type Parts =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "ends"; readonly head: string; readonly tail: string };

/** Takes a captured stream apart where the capture left something out. */
export function partsOf({ text, droppedBytes }: Captured): Parts {
  const clean = (part: string): string => part.replaceAll(TERMINAL_SEQUENCE, "");
  if (droppedBytes === 0) return { kind: "whole", text: clean(text) };
  // The program may have printed the same line: what lies between two of them goes.
  const gap = `\n[${droppedBytes} bytes left out]\n`;
  const first = text.indexOf(gap);
  if (first === -1) return { kind: "ends", head: "", tail: clean(text) };
  return {
    kind: "ends",
    head: clean(text.slice(0, first)),
    tail: clean(text.slice(text.lastIndexOf(gap) + gap.length)),
  };
}

export function learnParts(redactor: Redactor, parts: Parts): void {
  if (parts.kind === "whole") return redactor.learn(parts.text);
  redactor.learn(parts.head);
  redactor.learn(parts.tail);
}

/** Redacts a stream and keeps its ends. No cut goes through a secret: the redaction comes first. */
export function outputRecord(redactor: Redactor, parts: Parts, { totalBytes }: Captured): OutputRecord {
  if (parts.kind === "whole") {
    const { text } = parts;
    if (text.length <= 2 * KEPT_CHARS)
      return { text: redactor.redact(text), total_bytes: totalBytes, cut: false };
    const [head, tail] = [
      firstOf(redactor, text, KEPT_CHARS),
      lastOf(redactor, text, text.length - KEPT_CHARS),
    ];
    return { text: joined(head, tail), total_bytes: totalBytes, cut: true };
  }
  const head = firstOf(redactor, parts.head, Math.max(0, parts.head.length - MARGIN_BYTES));
  const tail = lastOf(redactor, parts.tail, Math.min(parts.tail.length, MARGIN_BYTES));
  return { text: joined(head, tail), total_bytes: totalBytes, cut: true };
}

function joined(head: string, tail: string): string {
  return `${head}\n[…]\n${tail}`;
}

function firstOf(redactor: Redactor, text: string, end: number): string {
  return between(redactor, text, 0, end);
}

function lastOf(redactor: Redactor, text: string, start: number): string {
  return between(redactor, text, start, text.length);
}

/** A part of the redacted text, by places in the original; a secret on its edge is a mark as a whole. */
function between(redactor: Redactor, text: string, from: number, to: number): string {
  let out = "";
  let at = from;
  for (const { start, end, kind } of redactor.findings(text)) {
    if (end <= from || start >= to) continue;
    out += text.slice(at, Math.max(at, start)) + mark(kind);
    at = end;
  }
  return out + text.slice(at, Math.max(at, to));
}
