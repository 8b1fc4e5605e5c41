import { type Finding, isMarked, type SecretKind } from "./finding.ts";
import { decoded, secretsIn } from "./secrets.ts";

interface Rule {
  readonly kind: SecretKind;
  readonly pattern: RegExp;
  /** Whether this is a secret at all; without it, it is. */
  readonly when?: (value: string) => boolean;
}

/** With the flags `d` for the places of groups. Each has a group `value`. */
const RULES: readonly Rule[] = [
  { kind: "password", pattern: /\blogin\s{1,8}\S+\s{1,8}password\s{1,8}(?<value>\S+)/dg },
  // The signature of an address that lets in whoever has it.
  { kind: "password", pattern: /[?&](?:x-(?:amz|goog)-)?sig(?:nature)?=(?<value>[^&\s"'<>]+)/dgi },
  // A header as one quoted word, or as a line.
  {
    kind: "authorization",
    pattern: /(?<q>["'])(?:proxy-)?authorization[ \t]{0,3}:[ \t]{0,3}(?<value>(?:(?!\k<q>)[^\r\n])+)/dgi,
  },
  {
    kind: "authorization",
    pattern: /(?<!["'\w])(?:proxy-)?authorization[ \t]{0,3}[:=][ \t]{0,3}(?<value>[^\r\n]+)/dgi,
  },
  {
    kind: "cookie",
    pattern: /(?<q>["'])(?:set-)?cookie2?[ \t]{0,3}:[ \t]{0,3}(?<value>(?:(?!\k<q>)[^\r\n])+)/dgi,
  },
  { kind: "cookie", pattern: /(?<!["'\w])(?:set-)?cookie2?[ \t]{0,3}:[ \t]{0,3}(?<value>[^\r\n]+)/dgi },
  {
    kind: "authorization",
    pattern: /\bbearer[ \t]{1,3}(?<value>[\w.~+/=-]{8,})/dgi,
    when: (value) => value.length >= 20 || /\d/.test(value),
  },
  {
    kind: "authorization",
    pattern: /\bbasic[ \t]{1,3}(?<value>[\w+/-]{4,}={0,2})/dgi,
    when: (value) => decoded(value).includes(":"),
  },
  { kind: "userinfo", pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/(?<value>[^\s/?#"'<>]+)@/dgi },
  {
    kind: "userinfo",
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/(?<value>[^\s/?#@:"'<>]+:(?!\d+\/)[^\s"'<>]{1,2000})@/dgi,
  },
];

/** Secrets that are told by what stands before them. */
export function contextFindings(text: string): Finding[] {
  return RULES.flatMap(({ kind, pattern, when }) =>
    Array.from(text.matchAll(pattern)).flatMap((match) => {
      const place = match.indices?.groups?.["value"];
      const value = match.groups?.["value"] ?? "";
      if (place === undefined || isMarked(value) || when?.(value) === false) return [];
      return [{ start: place[0], end: place[1], kind, secrets: secretsIn(kind, value) }];
    }),
  );
}
