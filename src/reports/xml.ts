/** What XML 1.0 cannot hold at all, and what could drive a terminal that shows the file. Tab and newline stay. */
const UNHOLDABLE =
  /(?![\t\n])[\p{Cc}\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
};

/** Text between tags; characters that XML cannot hold are spelled out, as `\x1b`. */
export function xmlText(text: string): string {
  return spellOut(text).replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? "");
}

/** ` name="value"`, with a space before it. */
export function xmlAttribute(name: string, value: string | number): string {
  const escaped = spellOut(String(value)).replaceAll(/[&<>"\t\n]/g, (character) => ENTITIES[character] ?? "");
  return ` ${name}="${escaped}"`;
}

function spellOut(text: string): string {
  return text.replaceAll(UNHOLDABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
