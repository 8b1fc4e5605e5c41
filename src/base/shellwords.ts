import { AprError } from "./errors.ts";

const SAFE_WORD = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** Bare, these mean something else to a shell where a command begins. */
const RESERVED =
  /^(?:if|then|else|elif|fi|for|in|do|done|while|until|case|esac|function|select|time|coproc|[^=]*=.*)$/s;

/**
 * Words as one line for a POSIX shell, which reads exactly the same words back.
 * Throws a usage error for a NUL, which no program can be given.
 */
export function shellQuote(words: readonly string[]): string {
  return words.map((word, index) => quoteWord(word, index === 0)).join(" ");
}

function quoteWord(word: string, first: boolean): string {
  if (word.includes("\0")) {
    throw new AprError("usage", `a command's word cannot hold a NUL: ${JSON.stringify(word)}`);
  }
  if (SAFE_WORD.test(word) && !(first && RESERVED.test(word))) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

const BLANK = /[ \t\n]/;
/** The only characters that a backslash escapes between double quotes. */
const ESCAPABLE = /[$`"\\\n]/;

/**
 * Splits a line as a POSIX shell does: quotes, backslashes, line continuations.
 * Nothing is expanded: `$`, `*`, `;` and `#` stay what they are. Throws a usage error for an unclosed quote.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (BLANK.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (char === "\\" && text[at + 1] === "\n") {
      at += 2;
    } else {
      const piece = readPiece(text, at);
      word = (word ?? "") + piece.value;
      at = piece.end;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

interface Piece {
  readonly value: string;
  /** Index after the piece. */
  readonly end: number;
}

function readPiece(text: string, start: number): Piece {
  switch (text.charAt(start)) {
    case "'": {
      const close = text.indexOf("'", start + 1);
      if (close === -1) throw unclosed(text, "quote (')");
      return { value: text.slice(start + 1, close), end: close + 1 };
    }
    case '"':
      return readDoubleQuoted(text, start);
    case "\\":
      if (start + 1 === text.length) throw unclosed(text, "backslash");
      return { value: text.charAt(start + 1), end: start + 2 };
    default:
      return { value: text.charAt(start), end: start + 1 };
  }
}

function readDoubleQuoted(text: string, start: number): Piece {
  let value = "";
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at + 1 };
    const next = text.charAt(at + 1);
    if (char === "\\" && ESCAPABLE.test(next)) {
      value += next === "\n" ? "" : next;
      at += 2;
    } else {
      value += char;
      at += 1;
    }
  }
  throw unclosed(text, 'quote (")');
}

function unclosed(text: string, what: string): AprError {
  return new AprError("usage", `unclosed ${what} in ${JSON.stringify(text)}`);
}
