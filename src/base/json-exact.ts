import { AprError } from "./errors.ts";
import { parseNumberText } from "./json-number.ts";
import { type Json, MAX_JSON_DEPTH } from "./json-value.ts";

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const LAST_CONTROL = 31;

const SPACE = /[ \t\n\r]*/y;
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** A recursive-descent JSON parser (RFC 8259) that keeps every number exactly. */
export function parseExactly(text: string): Json {
  const parser = new ExactParser(text);
  return parser.document();
}

/** The error for a place in the text. Lines and columns count from 1. */
function syntaxError(text: string, offset: number, what: string): AprError {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return new AprError("malformed", `not JSON at line ${line}, column ${column}: ${what}`, {
    fields: { line, column, offset },
  });
}

export function tooDeep(text: string, offset: number): AprError {
  return syntaxError(text, offset, `nested deeper than ${MAX_JSON_DEPTH} levels`);
}

class ExactParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): Json {
    this.skipSpace();
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.text.length) throw this.unexpected();
    return value;
  }

  private value(depth: number): Json {
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) return this.string();
    if (code === OPEN_BRACE) return this.object(depth + 1);
    if (code === OPEN_BRACKET) return this.array(depth + 1);
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.number();
    return this.word("true", true) ?? this.word("false", false) ?? this.nothing();
  }

  private object(depth: number): Json {
    if (depth > MAX_JSON_DEPTH) throw tooDeep(this.text, this.at);
    const object: Record<string, Json> = {};
    this.at++;
    this.skipSpace();
    if (this.take(CLOSE_BRACE)) return object;
    for (;;) {
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.unexpected();
      const key = this.string();
      this.skipSpace();
      this.expect(COLON);
      this.skipSpace();
      setOwn(object, key, this.value(depth));
      this.skipSpace();
      if (this.take(CLOSE_BRACE)) return object;
      this.expect(COMMA);
      this.skipSpace();
    }
  }

  private array(depth: number): Json {
    if (depth > MAX_JSON_DEPTH) throw tooDeep(this.text, this.at);
    const array: Json[] = [];
    this.at++;
    this.skipSpace();
    if (this.take(CLOSE_BRACKET)) return array;
    for (;;) {
      array.push(this.value(depth));
      this.skipSpace();
      if (this.take(CLOSE_BRACKET)) return array;
      this.expect(COMMA);
      this.skipSpace();
    }
  }

  private number(): Json {
    const start = this.at;
    NUMBER.lastIndex = start;
    if (!NUMBER.test(this.text)) throw this.unexpected(start + 1);
    this.at = NUMBER.lastIndex;
    return parseNumberText(this.text.slice(start, this.at));
  }

  private string(): string {
    const start = this.at + 1;
    let end = this.endOfPlain(start);
    if (this.text.charCodeAt(end) === QUOTE) {
      this.at = end + 1;
      return this.text.slice(start, end);
    }
    while (this.text.charCodeAt(end) !== QUOTE) {
      ESCAPE.lastIndex = end;
      if (!ESCAPE.test(this.text)) throw this.badString(end);
      end = this.endOfPlain(ESCAPE.lastIndex);
    }
    this.at = end + 1;
    return JSON.parse(this.text.slice(start - 1, end + 1)) as string;
  }

  private endOfPlain(from: number): number {
    PLAIN_CHARACTERS.lastIndex = from;
    PLAIN_CHARACTERS.test(this.text);
    return PLAIN_CHARACTERS.lastIndex;
  }

  private badString(at: number): AprError {
    const code = this.text.charCodeAt(at);
    if (code === BACKSLASH) return syntaxError(this.text, at, "unknown escape in a string");
    if (code <= LAST_CONTROL) return syntaxError(this.text, at, "bare control character in a string");
    return this.unexpected(at);
  }

  private word(word: string, value: boolean): boolean | undefined {
    if (!this.text.startsWith(word, this.at)) return undefined;
    this.at += word.length;
    return value;
  }

  private nothing(): null {
    if (!this.text.startsWith("null", this.at)) throw this.unexpected();
    this.at += 4;
    return null;
  }

  private skipSpace(): void {
    // Nearly always there is none, and a comparison is cheaper than a regular expression.
    if (this.text.charCodeAt(this.at) > 32) return;
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private expect(code: number): void {
    if (!this.take(code)) throw this.unexpected();
  }

  private unexpected(at = this.at): AprError {
    const character = this.text.codePointAt(at);
    const what =
      character === undefined
        ? "it ends too early"
        : `unexpected ${JSON.stringify(String.fromCodePoint(character))}`;
    return syntaxError(this.text, at, what);
  }
}

/** Plain assignment to `__proto__` would change the prototype instead of adding a key. */
function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== "__proto__") {
    object[key] = value;
  } else {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }
}
