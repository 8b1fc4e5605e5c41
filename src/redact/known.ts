import type { Finding, SecretKind } from "./finding.ts";

/** Values learned from a text that are shorter stand in innocent words too. */
const MIN_LEARNED_CHARS = 6;

/** A text with more secrets than this has each of them redacted in its place all the same. */
const MAX_VALUES = 500;

/** Lines of a value of several lines that are looked for alone. */
const MIN_LINE_CHARS = 16;

/** Secret values, looked for wherever they stand, as they are and as shells, JSON, URLs and base64 write them. */
export class KnownValues {
  readonly #forms = new Map<string, SecretKind>();
  readonly #values = new Set<string>();

  /** `anyLength` is for values that are certain. */
  add(value: string, kind: SecretKind, anyLength = false): void {
    if (this.#values.has(value) || this.#values.size >= MAX_VALUES) return;
    if (value === "" || (!anyLength && value.length < MIN_LEARNED_CHARS)) return;
    this.#values.add(value);
    for (const form of formsOf(value)) if (!this.#forms.has(form)) this.#forms.set(form, kind);
  }

  findings(text: string): Finding[] {
    const found: Finding[] = [];
    for (const [form, kind] of this.#forms) {
      for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
        found.push({ start: at, end: at + form.length, kind, secrets: [] });
      }
    }
    return found;
  }
}

function formsOf(value: string): Set<string> {
  // A lone half of a surrogate pair cannot be encoded.
  const sound = Buffer.from(value, "utf8").toString("utf8");
  const url = encodeURIComponent(sound);
  const strict = url.replaceAll(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const base64 = Buffer.from(value, "utf8").toString("base64");
  const lines = value.includes("\n")
    ? value.split(/\r?\n/).filter((line) => line.length >= MIN_LINE_CHARS)
    : [];
  return new Set([
    ...[value, ...lines],
    ...[url, strict],
    ...[url, strict].map((text) => text.replaceAll("%20", "+")),
    ...[url, strict].map((text) => text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", String.raw`'\''`),
    ...[base64.replace(/=+$/, ""), Buffer.from(value, "utf8").toString("base64url")],
  ]);
}
