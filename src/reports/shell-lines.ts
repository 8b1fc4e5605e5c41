import { textWidth } from "./text.ts";

/**
 * Breaks a shell line over several with backslashes, only where a blank separates words, so that the whole
 * can be pasted as it stands. A word wider than `width` stays in one piece. Every line but the first is indented.
 */
export function wrapShellLine(line: string, width: number): string[] {
  const words = separableWords(line);
  const lines: string[] = [];
  let current = words[0] ?? "";
  for (const word of words.slice(1)) {
    // Room for the space and the backslash that may follow.
    if (textWidth(current) + 1 + textWidth(word) + 2 <= width) {
      current += ` ${word}`;
    } else {
      lines.push(`${current} \\`);
      current = `  ${word}`;
    }
  }
  return [...lines, current];
}

/** Splits at unquoted blanks; everything from a comment or the first unclear place on is one piece. */
function separableWords(line: string): string[] {
  const words: string[] = [];
  let start = 0;
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === " ") {
      if (at > start) words.push(line.slice(start, at));
      start = at + 1;
      at += 1;
    } else if (
      (char === "#" && at === start) ||
      line.startsWith("<<", at) ||
      char === "`" ||
      line.startsWith("$(", at)
    ) {
      break;
    } else {
      at = skipPiece(line, at);
    }
  }
  return start < line.length ? [...words, line.slice(start).trimEnd()] : words;
}

/** The index after the quoted, escaped or plain piece that starts at `at`. */
function skipPiece(line: string, at: number): number {
  const char = line.charAt(at);
  if (char === "\\") return at + 2;
  if (char === "'") return afterClose(line.indexOf("'", at + 1), line);
  if (char !== '"') return at + 1;
  let close = at + 1;
  while (close < line.length && line.charAt(close) !== '"') close += line.charAt(close) === "\\" ? 2 : 1;
  return close + 1;
}

function afterClose(close: number, line: string): number {
  return close === -1 ? line.length : close + 1;
}
