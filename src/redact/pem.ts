import type { Finding } from "./finding.ts";

const MARKER = /-----(BEGIN|END)[ +_][A-Z0-9 +_]{0,60}?PRIVATE[ +_]KEY(?:[ +_]BLOCK)?-----/g;

/** A line of a key's body, with what a diff, a quotation or a line number puts before it. */
const BODY = /^[>|\-\s\d:]*[A-Za-z0-9+/=]*\s*$/;
const HEADER = /^[>|+\-\s\d]*[A-Za-z-]+: /;

/** Shorter lines are the end of a body and stand everywhere. */
const MIN_LINE_CHARS = 16;

/** Private keys in PEM, also those of which only one end is there. */
export function pemFindings(text: string): Finding[] {
  const found: Finding[] = [];
  let begin: { readonly start: number; readonly end: number } | null = null;
  for (const match of text.matchAll(MARKER)) {
    const here = { start: match.index, end: match.index + match[0].length };
    if (match[1] === "BEGIN") {
      if (begin !== null) found.push(finding(text, begin.start, here.start));
      begin = here;
    } else {
      found.push(finding(text, begin === null ? bodyStart(text, here.start) : begin.start, here.end));
      begin = null;
    }
  }
  if (begin !== null) found.push(finding(text, begin.start, bodyEnd(text, begin.end)));
  return found;
}

function finding(text: string, start: number, end: number): Finding {
  const lines = text
    .slice(start, end)
    .split(/\s+|\\[rn]/)
    .filter((line) => line.length >= MIN_LINE_CHARS && !line.includes("-----"));
  return { start, end, kind: "private-key", secrets: lines };
}

/** The end of the lines that can be the body of a key which is cut short; the rest of its first line counts. */
function bodyEnd(text: string, from: number): number {
  let end = lineEnd(text, from);
  while (end < text.length) {
    const next = lineEnd(text, end + 1);
    const line = text.slice(end + 1, next);
    if (!BODY.test(line) && !HEADER.test(line)) break;
    end = next;
  }
  return end;
}

function bodyStart(text: string, to: number): number {
  let start = text.lastIndexOf("\n", to - 1) + 1;
  while (start > 0) {
    // Searched from a place before the text, its first character would be found again and again.
    const before = start < 2 ? 0 : text.lastIndexOf("\n", start - 2) + 1;
    if (!BODY.test(text.slice(before, start - 1))) break;
    start = before;
  }
  return start;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}
