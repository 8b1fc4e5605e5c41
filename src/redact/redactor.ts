import { commandFindings } from "./lines.ts";
import { contextFindings } from "./context.ts";
import { encodedFindings } from "./encoded.ts";
import { type Finding, merged, replaced } from "./finding.ts";
import { KnownValues } from "./known.ts";
import { secretValues } from "./names.ts";
import { namedFindings } from "./named.ts";
import { pemFindings } from "./pem.ts";
import { shapeFindings } from "./shapes.ts";
import { wordFindings } from "./words.ts";

/** Layers of encoding that are looked behind. */
const MAX_LAYERS = 2;

/**
 * Finds secrets and puts `[redacted:<kind>]` in their place. It knows the shapes of common tokens, headers, flags,
 * URLs and private keys, and the values of secret variables of an environment. What it finds by its context it then
 * knows everywhere: first `learn` from every text, then `redact` them. It does not guess: a random string that no
 * name, shape or place tells of stays.
 */
export class Redactor {
  readonly #known = new KnownValues();

  /** With the environment whose secret variables must not appear. */
  constructor(env: Readonly<Record<string, string | undefined>> = {}) {
    for (const value of secretValues(env)) this.#known.add(value, "environment", true);
  }

  learn(text: string): void {
    this.#learn(this.#look(text, MAX_LAYERS));
  }

  /** Learns from a command, where one word tells about the next. */
  learnWords(words: readonly string[]): void {
    this.#learn(wordFindings(words.map(withoutColours)));
    for (const word of words) this.learn(word);
  }

  #learn(findings: readonly Finding[]): void {
    for (const { secrets, kind } of findings) for (const secret of secrets) this.#known.add(secret, kind);
  }

  redact(text: string): string {
    return replaced(text, this.findings(text));
  }

  redactWords(words: readonly string[]): string[] {
    const beside = wordFindings(words.map(withoutColours));
    return words.map((word, index) => {
      const here = beside.filter((finding) => finding.word === index);
      return replaced(word, merged([...here, ...this.findings(word)]));
    });
  }

  /** In order, without overlaps. */
  findings(text: string): Finding[] {
    return merged(this.#look(text, MAX_LAYERS));
  }

  #look(text: string, layers: number): Finding[] {
    const plain = withoutColours(text);
    return [
      ...this.#known.findings(text),
      ...shapeFindings(plain),
      ...pemFindings(plain),
      ...contextFindings(plain),
      ...namedFindings(plain),
      ...commandFindings(plain),
      ...(layers === 0 ? [] : this.#lookBehind(plain, layers - 1)),
    ];
  }

  #lookBehind(text: string, layers: number): Finding[] {
    return encodedFindings(text, {
      all: (inner) => this.#look(inner, layers),
      plain: (inner) => this.#look(inner, 0),
      known: (inner) => this.#known.findings(inner),
    });
  }
}

/** Blanks in the place of each sequence, so that its last letter belongs to no word; every place stays the same. */
function withoutColours(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;]{0,20}[A-Za-z]/g, (sequence) => " ".repeat(sequence.length));
}
