import { printable } from "../printable.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Untrusted text as one line of HTML, for content and quoted attributes alike; what could disguise it is spelled out. */
export function htmlText(text: string): string {
  return escapeHtml(printable(text));
}

/** A browser takes seconds to break a word of a hundred thousand letters: it is shown where it may. */
const LONG_WORD = /\S{100}(?=\S)/gu;
/** Stands for a place to break at: `printable` leaves none of it in a text. */
const BREAK = "\0";

/** Untrusted text as one line of content. */
export function htmlContent(text: string): string {
  return escapeHtml(printable(text).replaceAll(LONG_WORD, `$&${BREAK}`)).replaceAll(BREAK, "<wbr>");
}

/** The same where line ends and tabs stay as they are. */
export function htmlLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part) => (/^(\r?\n|\t)$/.test(part) ? part.replace("\r", "") : htmlContent(part)))
    .join("");
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** JSON that can stand in a script element: no tag can begin or end in it. */
export function islandJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
