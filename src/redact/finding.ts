/** What kind of secret it is; it stands in the mark that takes its place. */
export type SecretKind =
  | "github-token"
  | "hugging-face-token"
  | "aws-key"
  | "openai-key"
  | "slack-token"
  | "npm-token"
  | "google-key"
  | "gitlab-token"
  | "jwt"
  | "private-key"
  | "authorization"
  | "cookie"
  | "userinfo"
  | "password"
  | "environment"
  | "url-encoded"
  | "base64";

/** Where a secret stands in a text. */
export interface Finding {
  readonly start: number;
  /** Index after it. */
  readonly end: number;
  readonly kind: SecretKind;
  /** What is secret wherever else it stands. */
  readonly secrets: readonly string[];
}

/** What takes the place of a secret. */
export function mark(kind: SecretKind): string {
  return `[redacted:${kind}]`;
}

/** True for text that begins with a mark: it is no secret any more. */
export function isMarked(text: string): boolean {
  return text.startsWith("[redacted:");
}

/** Findings in order, those that overlap as one: it has the kind of the longest. */
export function merged(findings: readonly Finding[]): Finding[] {
  const out: Finding[] = [];
  const inOrder = findings
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  let longest = 0;
  for (const next of inOrder) {
    const last = out.at(-1);
    const size = next.end - next.start;
    if (last === undefined || next.start >= last.end) {
      out.push(next);
      longest = size;
      continue;
    }
    const kind = size > longest ? next.kind : last.kind;
    longest = Math.max(longest, size);
    out[out.length - 1] = { ...last, end: Math.max(last.end, next.end), kind };
  }
  return out;
}

/** The text with a mark for each finding; they must be `merged`. */
export function replaced(text: string, findings: readonly Finding[]): string {
  let out = "";
  let at = 0;
  for (const { start, end, kind } of findings) {
    out += text.slice(at, start) + mark(kind);
    at = end;
  }
  return out + text.slice(at);
}
