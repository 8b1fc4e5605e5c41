/**
 * Characters that could drive a terminal or disguise text: controls, bidirectional marks and overrides,
 * invisible and line-separating ones, tags, and halves of surrogate pairs.
 */
const UNSAFE =
  /[\p{Cc}\p{Surrogate}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

/** Untrusted text as one line that is safe to show: everything that is not plain text is spelled out, as `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, escapeCharacter);
}

/** The same for text of several lines: line ends stay line ends, tabs become spaces. */
export function printableLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => printable(line.replaceAll("\t", "    ")));
}

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
