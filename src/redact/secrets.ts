import type { SecretKind } from "./finding.ts";

/** Without the punctuation of the sentence around it, where it is in no quotes. */
export function trimmed(value: string): string {
  return /^["']/.test(value) ? value : value.replace(/(?<=.)["'`)\]},;]{1,4}$/, "");
}

/** What of a found value is secret wherever it stands. */
export function secretsIn(kind: SecretKind, value: string): string[] {
  const bare = unquoted(trimmed(value).trim());
  switch (kind) {
    case "authorization": {
      const token = /^[A-Za-z-]+\s+(\S.*)$/s.exec(bare)?.[1] ?? bare;
      const pair = decoded(token);
      return pair.includes(":") ? [token, ...pairSecrets(pair)] : [token];
    }
    case "cookie":
      return bare.split(/;\s*/).flatMap((part, index) => {
        const [name = "", ...rest] = part.split("=");
        const attribute =
          index > 0 && /^(?:path|domain|expires|max-age|samesite|version|priority)$/i.test(name);
        return attribute || rest.length === 0 ? [] : [rest.join("=")];
      });
    case "userinfo":
      return pairSecrets(bare);
    default:
      return [...new Set([bare, unescaped(bare)])];
  }
}

/** `user:password`, the password as it is and without URL encoding; of a lone word the word. */
function pairSecrets(pair: string): string[] {
  const colon = pair.indexOf(":");
  // A lone user name, such as git in ssh://git@host, is short and in no way secret.
  const secret = colon === -1 ? (pair.length >= 16 ? pair : "") : pair.slice(colon + 1);
  return [...new Set([secret, percentDecoded(secret)])].filter((text) => text !== "");
}

export function decoded(base64: string): string {
  if (!/^[\w+/-]+={0,2}$/.test(base64)) return "";
  const text = Buffer.from(base64, "base64").toString("utf8");
  return /[\p{Cc}\ufffd]/u.test(text) ? "" : text;
}

export function percentDecoded(text: string): string {
  const bytes = Buffer.from(text, "utf8")
    .toString("latin1")
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function unquoted(value: string): string {
  const quote = value[0];
  if (value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote))
    return value.slice(1, -1);
  return value;
}

/** What a string's text in JSON, or between double quotes of a shell, stands for. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(["'\\/$`])/g, "$1").replaceAll(String.raw`'\''`, "'");
}
