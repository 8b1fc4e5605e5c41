import { secretsIn } from "./secrets.ts";
import { type Finding, isMarked, type SecretKind } from "./finding.ts";
import { pemFindings } from "./pem.ts";
import { isSecretName } from "./names.ts";

/** A finding in one word of a command. */
export interface WordFinding extends Finding {
  readonly word: number;
}

/** How a tool is given a secret by a flag whose name does not tell. */
interface Tool {
  readonly programs: readonly string[];
  /** Only with this word in the command, such as `docker login`. */
  readonly with?: string;
  /** The next word is secret, or the rest of a flag of one letter. */
  readonly flags: readonly string[];
  /** `attached` when the secret may only be joined to its flag. */
  readonly attached?: boolean;
  /** The value is `user:password`. */
  readonly pair?: boolean;
}

const TOOLS: readonly Tool[] = [
  {
    programs: ["mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump"],
    flags: ["-p"],
    attached: true,
  },
  { programs: ["7z", "7za", "7zr", "7zz", "rar", "unrar"], flags: ["-p"], attached: true },
  { programs: ["sshpass", "mongo", "mongosh", "mongodump", "twine", "oc"], flags: ["-p"] },
  {
    programs: ["docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "oras", "helm", "az", "cf"],
    with: "login",
    flags: ["-p"],
  },
  {
    programs: ["skopeo", "podman", "buildah"],
    flags: ["--creds", "--src-creds", "--dest-creds"],
    pair: true,
  },
  { programs: ["curl"], flags: ["-u", "--user", "-U", "--proxy-user"], pair: true },
  { programs: ["curl"], flags: ["-b"] },
  { programs: ["http", "https", "xh"], flags: ["-a"], pair: true },
  { programs: ["redis-cli"], flags: ["-a"] },
  { programs: ["ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami"], flags: ["-w"] },
  { programs: ["zip", "unzip", "sqlcmd"], flags: ["-P"] },
  { programs: ["openssl"], flags: ["-k", "-K", "-pass", "-passin", "-passout"] },
  { programs: ["smbclient"], flags: ["-U"] },
];

/** Every program whose flags are known, to find lines that show a command. */
export const TOOL_NAMES: readonly string[] = [...new Set(TOOLS.flatMap(({ programs }) => programs))];

/** Secrets that a command's words tell of by standing beside each other. */
export function wordFindings(words: readonly string[]): WordFinding[] {
  // Without its folder, and without what a script may put before it, as in `$(mysql`.
  const programs = new Set(words.map((word) => /[\w.-]+$/.exec(word)?.[0] ?? ""));
  const tools = TOOLS.filter(
    (tool) =>
      tool.programs.some((name) => programs.has(name)) &&
      (tool.with === undefined || words.includes(tool.with)),
  );
  return words
    .flatMap((word, index) => [
      ...assignment(word, index),
      ...secretFlag(words, index),
      ...tools.flatMap((tool) => toolFlag(tool, words, index)),
      ...setting(words, index),
      ...header(words, index),
    ])
    .concat(spreadKey(words));
}

/** `TOKEN=x`, `--password=x`, `--from-literal=password=x`: all that follows is secret, also behind a space. */
function assignment(word: string, index: number): WordFinding[] {
  const names = /^\S*/.exec(word)?.[0].matchAll(/([A-Za-z_/][\w.:/-]{0,200})=/g) ?? [];
  const first = [...names].find((match) => isSecretName(match[1] ?? ""));
  return first === undefined ? [] : found(word, index, first.index + first[0].length, "password");
}

function secretFlag(words: readonly string[], index: number): WordFinding[] {
  const [flag = "", value] = [words[index], words[index + 1]];
  const name = /(?:^|[^\w-])--?([A-Za-z][\w-]+)$/.exec(flag)?.[1];
  if (name === undefined || value === undefined || value.startsWith("--")) return [];
  return isSecretName(name) ? found(value, index + 1, 0, "password") : [];
}

function toolFlag(tool: Tool, words: readonly string[], index: number): WordFinding[] {
  const word = words[index] ?? "";
  const kind = tool.pair === true ? "userinfo" : "password";
  for (const flag of tool.flags) {
    const next = words[index + 1];
    if (word === flag && tool.attached !== true && next !== undefined) return found(next, index + 1, 0, kind);
    if (word.startsWith(`${flag}=`)) return found(word, index, flag.length + 1, kind);
    if (flag.length === 2 && word.startsWith(flag) && word.length > 2) return found(word, index, 2, kind);
  }
  return [];
}

/** `npm config set //registry/:_authToken X`, `aws configure set aws_secret_access_key X`. */
function setting(words: readonly string[], index: number): WordFinding[] {
  const value = words[index + 2];
  if (words[index] !== "set" || value === undefined || !isSecretName(words[index + 1] ?? "")) return [];
  return found(value, index + 2, 0, "password");
}

/** A header that lost its quotes: `Authorization: Bearer X`. */
function header(words: readonly string[], index: number): WordFinding[] {
  const [word = "", value] = [words[index], words[index + 1]];
  const name = /(?:^|[^\w-])([A-Za-z][\w-]*:|bearer|basic)$/i.exec(word)?.[1]?.toLowerCase();
  if (value === undefined || name === undefined) return [];
  if (name.endsWith("cookie:")) return found(value, index + 1, 0, "cookie");
  if (/^(?:bearer|basic|(?:proxy-)?authorization:)$/.test(name)) {
    return found(value, index + 1, 0, "authorization");
  }
  return isSecretName(name) ? found(value, index + 1, 0, "password") : [];
}

/** A private key that lost its quotes: its markers have spaces. */
function spreadKey(words: readonly string[]): WordFinding[] {
  const keys = pemFindings(words.join(" "));
  let at = 0;
  return words.flatMap((word, index) => {
    const start = at;
    at += word.length + 1;
    return keys.flatMap((key) => {
      const [from, to] = [Math.max(key.start - start, 0), Math.min(key.end - start, word.length)];
      return from < to ? [{ word: index, start: from, end: to, kind: key.kind, secrets: key.secrets }] : [];
    });
  });
}

function found(word: string, index: number, start: number, kind: SecretKind): WordFinding[] {
  const value = word.slice(start);
  if (value === "" || isMarked(value)) return [];
  // What a shell hands over has no quotes any more.
  const secrets = kind === "password" ? [value, ...prefixed(value)] : secretsIn(kind, value);
  return [{ word: index, start, end: word.length, kind, secrets }];
}

/** `pass:X` of openssl, `user%X` of smbclient. */
function prefixed(value: string): string[] {
  const match = /^(?:pass:|[^%\s]+%)(.+)$/s.exec(value);
  return match === null ? [] : [match[1] ?? ""];
}
