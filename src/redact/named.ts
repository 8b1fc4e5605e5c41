import { type Finding, isMarked } from "./finding.ts";
import { isSecretName, PLAIN } from "./names.ts";
import { secretsIn, trimmed } from "./secrets.ts";

/** A name with what joins it to its value, and the value behind it. */
interface NamedRule {
  /** Has a group `name`. */
  readonly head: RegExp;
  /** Sticky. */
  readonly value: RegExp;
  /** Source code says `password: string` too: a plain word is redacted here, but stays elsewhere. */
  readonly loose?: true;
}

const NAME = String.raw`(?<name>(?<![\w.])\w[\w.-]{0,127})`;
/** One word as a shell would take it: pieces in quotes, escapes, and all that is no space. */
const WORD = /(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\\.|[^\s"'\\])+\S*|\S+/y;

/** Shorter values behind a colon are more often part of a sentence. */
const MIN_LOOSE_CHARS = 6;

const RULES: readonly NamedRule[] = [
  // "password": "x"
  {
    head: new RegExp(String.raw`["']${NAME}["']\s{0,3}(?:=>|[:=])\s{0,3}"`, "g"),
    value: /(?:[^"\\\n]|\\.)+/y,
  },
  {
    head: new RegExp(String.raw`["']${NAME}["']\s{0,3}(?:=>|[:=])\s{0,3}(?!")`, "g"),
    value: /'[^'\n]*'?|[^\s"',}\]]+/y,
  },
  // The same within a string.
  {
    head: new RegExp(String.raw`\\"${NAME}\\"\s{0,3}:\s{0,3}\\"`, "g"),
    value: /(?:(?!\\")[^\n])+/y,
  },
  // PASSWORD=x, --password=x, ?token=x
  { head: new RegExp(`${NAME}=`, "g"), value: WORD },
  // password: x, X-Api-Key: x, password = x
  {
    head: new RegExp(String.raw`${NAME}[ \t]{0,3}(?:=>|:|=(?!=))[ \t]{0,3}`, "g"),
    value: WORD,
    loose: true,
  },
  // --password x
  { head: new RegExp(String.raw`(?<![\w-])--?${NAME}[ \t]{1,8}(?!--)`, "g"), value: WORD },
  // <password>x</password>
  { head: new RegExp(`<${NAME}>`, "g"), value: /[^<\n]+(?=<\/)/y },
];

const PLAIN_WORD = /^[A-Za-z]{1,11}$/;

/** Secrets that stand behind a name that tells of them. */
export function namedFindings(text: string): Finding[] {
  return RULES.flatMap(({ head, value: pattern, loose }) => {
    let found = 0;
    // The search goes on right behind the head: in `url=h?token=x` the second name counts.
    return Array.from(text.matchAll(head)).flatMap((match): Finding[] => {
      if (match.index < found) return [];
      const name = match.groups?.["name"] ?? "";
      // "pass: 12" is what test runners say.
      if (!isSecretName(name) || (loose === true && /^pass$/i.test(name))) return [];
      const start = match.index + match[0].length;
      pattern.lastIndex = start;
      const value = pattern.exec(text)?.[0] ?? "";
      if (value === "" || isMarked(value) || PLAIN.test(value)) return [];
      if (loose === true && value.length < MIN_LOOSE_CHARS) return [];
      const secrets = secretsIn("password", value).filter(
        (secret) => loose !== true || !PLAIN_WORD.test(secret),
      );
      found = start + value.length;
      return [{ start, end: start + trimmed(value).length, kind: "password", secrets }];
    });
  });
}
