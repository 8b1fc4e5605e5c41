import { Buffer } from "node:buffer";
import { AprError } from "../base/errors.ts";
import { type Json, parseJson } from "../base/json.ts";
import { MAX_SKIPPED_DEPTH } from "./limits.ts";
import { refuse } from "./refusal.ts";
import { decode } from "./text.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN = [0x7b, 0x5b] as const;
const CLOSE = [0x7d, 0x5d] as const;

/** Escapes can spell what no UTF-8 can: two names would differ and look the same. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Thrown when the window ends inside a token that goes on in the file. Made once: it is no failure. */
export const MORE: Error = new Error("more bytes are needed");

/** Steps through JSON in a window of bytes. Strict, and it keeps every key that it meets. */
export class JsonTokens {
  private bytes: Uint8Array;
  private at = 0;
  /** True when nothing follows the window. */
  private last: boolean;

  constructor(bytes: Uint8Array, last: boolean) {
    this.bytes = bytes;
    this.last = last;
  }

  get position(): number {
    return this.at;
  }

  set position(at: number) {
    this.at = at;
  }

  /** Puts a new window in the place of the old one, whose bytes before `position` are gone. */
  move(bytes: Uint8Array, last: boolean): void {
    this.bytes = bytes;
    this.last = last;
    this.at = 0;
  }

  /** The next byte that is no space, as a code; -1 at the end. */
  peek(): number {
    const { bytes } = this;
    while (this.at < bytes.length) {
      const code = bytes[this.at] as number;
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.at++;
    }
    if (!this.last) throw MORE;
    return -1;
  }

  /** True and past it when the next byte is `character`. */
  take(character: string): boolean {
    if (this.peek() !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.unexpected(`no "${character}"`);
  }

  string(): string {
    if (this.peek() !== QUOTE) throw this.unexpected("no string");
    const start = this.at;
    const end = this.endOfString();
    const bytes = this.bytes.subarray(start, end);
    const value = plainText(bytes) ?? this.escaped(bytes);
    this.at = end;
    return value;
  }

  /** A whole number that is not negative, written with digits only. */
  count(): bigint {
    this.peek();
    const start = this.at;
    let end = start;
    while (isDigit(this.byte(end))) end++;
    if (end === start || end - start > MAX_DIGITS) throw this.unexpected("no count");
    const text = decode(this.bytes.subarray(start, end)).text;
    if (text.length > 1 && text.startsWith("0")) throw this.unexpected("a number that begins with 0");
    if (FRACTION.includes(this.byte(end))) throw this.unexpected("a number that is no count");
    this.at = end;
    return BigInt(text);
  }

  counts(most: number): bigint[] {
    const counts: bigint[] = [];
    this.expect("[");
    if (this.take("]")) return counts;
    do {
      if (counts.length === most) throw this.unexpected(`more than ${most} numbers`);
      counts.push(this.count());
    } while (this.take(","));
    this.expect("]");
    return counts;
  }

  /** Any value, which must fit into the window. */
  value(): Json {
    this.peek();
    const start = this.at;
    const end = this.endOfValue();
    const { text, exact } = decode(this.bytes.subarray(start, end));
    if (!exact) throw this.unexpected("text that is not UTF-8");
    const value = this.parse(text);
    this.at = end;
    return value;
  }

  unexpected(what: string): Error {
    return refuse("bad-json", `its JSON has ${what} where it should not`);
  }

  private escaped(bytes: Uint8Array): string {
    const { text, exact } = decode(bytes);
    if (!exact) throw this.unexpected("text that is not UTF-8");
    const value = this.parse(text) as string;
    if (HALF_PAIR.test(value)) throw this.unexpected("half a character");
    return value;
  }

  private byte(index: number): number {
    if (index >= this.bytes.length && !this.last) throw MORE;
    return this.bytes[index] ?? -1;
  }

  private endOfString(): number {
    const { bytes } = this;
    for (let at = this.at + 1; at < bytes.length; at++) {
      const code = bytes[at];
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) at++;
    }
    if (!this.last) throw MORE;
    throw this.unexpected("a string without an end");
  }

  /** Where the value that begins here ends, by its brackets; whether it is JSON is for the parser to say. */
  private endOfValue(): number {
    let depth = 0;
    let at = this.at;
    for (;;) {
      const code = this.byte(at);
      if (code === -1) return at;
      if (code === QUOTE) {
        this.at = at;
        at = this.endOfString();
      } else if (depth === 0 && (code === COMMA || CLOSE.some((close) => close === code))) {
        return at;
      } else {
        if (OPEN.some((open) => open === code)) depth++;
        if (CLOSE.some((close) => close === code)) depth--;
        at++;
      }
      if (depth > MAX_SKIPPED_DEPTH) throw this.unexpected(`more than ${MAX_SKIPPED_DEPTH} levels`);
    }
  }

  private parse(text: string): Json {
    try {
      return parseJson(text);
    } catch (error) {
      if (error instanceof AprError) throw this.unexpected("something");
      throw error;
    }
  }
}

/** Digits of 2^64, with some to spare: longer ones are refused before they are turned into a number. */
const MAX_DIGITS = 24;

/** What would make a number of digits another number: point and exponents. */
const FRACTION: readonly number[] = [0x2e, 0x45, 0x65];

/** The text between quotes where it is plain ASCII without escapes, as nearly all of it is. */
function plainText(quoted: Uint8Array): string | undefined {
  const end = quoted.length - 1;
  for (let at = 1; at < end; at++) {
    const code = quoted[at] as number;
    if (code < 0x20 || code > 0x7e || code === BACKSLASH) return undefined;
  }
  return Buffer.from(quoted.buffer, quoted.byteOffset + 1, end - 1).toString("latin1");
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
