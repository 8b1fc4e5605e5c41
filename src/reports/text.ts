/** East Asian wide and full-width blocks, and pictures: two columns each. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Marks that sit on the character before them. */
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

const ASCII = /^[\x20-\x7e]*$/;

/** Columns that a terminal uses for one line of printable text. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Pads on the right to `width` columns. */
export function padText(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** Cuts to at most `width` columns, the last one an ellipsis where something was cut. */
export function truncateText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? "" : `${takeColumns(text, width - 1)}…`;
}

/** The longest beginning that fits into `width` columns. */
function takeColumns(text: string, width: number): string {
  let taken = "";
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

/** Breaks one line at spaces into lines of at most `width` columns. A longer word is cut. Never empty. */
export function wrapText(text: string, width: number): string[] {
  const limit = Math.max(2, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (textWidth(joined) <= limit) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (textWidth(line) > limit) {
      const head = takeColumns(line, limit);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

/** Wraps `text` behind a label: the label stands before the first line, spaces before the others. */
export function wrapLabelled(label: string, text: string, width: number): string[] {
  const indent = textWidth(label);
  const blank = " ".repeat(indent);
  return wrapText(text, width - indent).map((line, index) => (index === 0 ? label : blank) + line);
}

/** The widest of some texts, in columns. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, textWidth(text)), 0);
}
