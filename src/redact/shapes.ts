import type { Finding, SecretKind } from "./finding.ts";

/** Not within a word; but the letter of `\n` in a string's text is no part of a word. */
const START = String.raw`(?<!(?<!\\)[A-Za-z0-9])`;

const SHAPES: readonly (readonly [SecretKind, RegExp])[] = [
  ["github-token", /gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}/g],
  ["hugging-face-token", /(?:hf|api_org)_[A-Za-z0-9]{20,}/g],
  ["aws-key", /(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/g],
  ["openai-key", new RegExp(String.raw`${START}sk-[A-Za-z0-9_-]{20,}`, "g")],
  [
    "slack-token",
    /xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{10,}/g,
  ],
  ["npm-token", /npm_[A-Za-z0-9]{30,}/g],
  ["google-key", /AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9._-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}/g],
  [
    "gitlab-token",
    /gl(?:pat|dt|rt|rtr|ptt|cbt|soat|ft|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{20,}|GR1348941[A-Za-z0-9_-]{20,}/g,
  ],
  ["jwt", /eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}/g],
];

/** Tokens that tell by themselves what they are. */
export function shapeFindings(text: string): Finding[] {
  return SHAPES.flatMap(([kind, pattern]) =>
    Array.from(text.matchAll(pattern), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
      kind,
      secrets: [match[0]],
    })),
  );
}
