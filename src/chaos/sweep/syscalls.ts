// Reads strace's log. Source: strace(1) 6.1, options -f -yy.

/** One system call of a traced process, at its entry. */
export interface Call {
  readonly pid: number;
  readonly name: string;
  /** The arguments and the result, as strace shows them. */
  readonly text: string;
  /** How often this thread had called it before, plus one: what `when=` counts. */
  readonly occurrence: number;
  /** The paths that it names, or that its descriptors stand for. */
  readonly paths: readonly string[];
  /** Those by which `-P` finds it: of its descriptors, and those that it names in full. */
  readonly exact: readonly string[];
  /** It came over a network connection. */
  readonly socket: boolean;
}

const ENTRY = /^(\d+)\s+([a-z_0-9]+)\((.*)$/s;
/** A descriptor with what it stands for, or a quoted word. */
const WORD = /(\d+|AT_FDCWD)<((?:[^>\\]|\\.)*)>|"((?:[^"\\]|\\.)*)"/g;
const NETWORK = /<(?:TCP|UDP|TCPv6|UDPv6):/;

/** A longer log is cut: its first calls are points, the rest is not known. */
const MAX_CALLS = 200_000;

/** Calls whose quoted words are paths; in the others they are data. */
const NAMES_PATHS =
  /^(?:open|creat|rename|link|symlink|mkdir|rmdir|unlink|truncate|stat|lstat|newfstatat|access|faccessat|chmod|chown|utime|mknod)/;

/** The calls of a log in their order, each counted as strace counts them. `folder` is where the command starts. */
export function readCalls(log: string, folder: string): readonly Call[] {
  const calls: Call[] = [];
  const counts = new Map<string, number>();
  for (const line of log.split("\n")) {
    const entry = ENTRY.exec(line);
    if (entry === null || calls.length >= MAX_CALLS) continue;
    const [, pid = "", name = "", text = ""] = entry;
    const key = `${pid} ${name}`;
    const occurrence = (counts.get(key) ?? 0) + 1;
    counts.set(key, occurrence);
    calls.push({
      pid: Number(pid),
      name,
      text,
      occurrence,
      ...pathsOf(name, text, folder),
      socket: NETWORK.test(text),
    });
  }
  return calls;
}

function pathsOf(name: string, text: string, folder: string): Pick<Call, "paths" | "exact"> {
  const paths: string[] = [];
  const exact: string[] = [];
  const naming = NAMES_PATHS.test(name);
  let base = folder;
  for (const [, fd, open, quoted] of text.matchAll(WORD)) {
    if (open !== undefined) {
      base = unescapePath(open);
      if (fd !== "AT_FDCWD") exact.push(base);
      if (!naming) paths.push(base);
    } else if (naming && quoted !== undefined && quoted !== "") {
      const path = unescapePath(quoted);
      if (path.startsWith("/")) exact.push(path);
      paths.push(absolute(path, base));
    }
  }
  // Of `rename` alone strace looks at the old name only.
  if (name === "rename") exact.length = Math.min(1, exact.length);
  // A descriptor alone, as with `fchmodat(3, "", …, AT_EMPTY_PATH)`, or the result of an open.
  return { paths: paths.length === 0 ? exact : paths, exact };
}

function absolute(path: string, folder: string): string {
  if (path.startsWith("/")) return path;
  return path === "." ? folder : `${folder}/${path.replace(/^\.\//, "")}`;
}

/** strace writes bytes that are not plain text as octal or C escapes. */
function unescapePath(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replaceAll(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)/g, (_, code: string) => {
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" }[code] ?? code;
  });
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What a log of one injected run says. */
export interface TraceFacts {
  /** The line that shows the fault; null when it did not fire. */
  readonly proof: string | null;
  /** How many calls were hit. */
  readonly hits: number;
  /** The signal that ended a traced process, by name, the last one. */
  readonly killedBy: string | null;
  /** The command itself had ended, even if a process of it went on. */
  readonly mainEnded: boolean;
}

export function readTraceFacts(log: string, fault: TraceFault): TraceFacts {
  const lines = log.split("\n");
  const main = /^(\d+)/.exec(log)?.[1];
  const hits = lines.flatMap((line, index) => (isHit(line, fault) ? [index] : []));
  const spoilt =
    fault.kind === "error" &&
    typeof fault.own === "string" &&
    hits.some((index) => lines[index]?.includes(fault.own ?? "") !== true);
  const killed = lines.findLast((line) => line.includes("+++ killed by "));
  return {
    proof: hits[0] === undefined || spoilt ? null : proofAt(lines, hits[0], fault),
    hits: hits.length,
    killedBy: killed === undefined ? null : (/killed by (SIG\w+)/.exec(killed)?.[1] ?? null),
    mainEnded: main !== undefined && lines.some((line) => line.startsWith(`${main} +++ `)),
  };
}

/** The injected call; of a signal, the call before which it came. */
function proofAt(lines: readonly string[], at: number, fault: TraceFault): string {
  const plain = (line: string): string => line.replace(/^\d+\s+/, "").slice(-240);
  const line = lines[at] ?? "";
  if (fault.kind !== "signal") return plain(line);
  const pid = /^\d+/.exec(line)?.[0] ?? "";
  const call = lines.slice(0, at).findLast((each) => each.startsWith(`${pid} `) && each.includes("("));
  return [...(call === undefined ? [] : [plain(call)]), plain(line)].join(" · ");
}

export type TraceFault =
  | {
      readonly kind: "error";
      /** Only calls that name something in this folder count, and one on anything else spoils the run. */
      readonly own?: string | null;
    }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "delay" };

function isHit(line: string, fault: TraceFault): boolean {
  switch (fault.kind) {
    case "error":
      return line.includes("(INJECTED)");
    case "delay":
      return line.includes("(DELAYED)");
    case "signal":
      return (
        // SIGKILL leaves no line of its own but the end.
        (line.includes(`--- ${fault.signal} `) && !line.includes("si_code=SI_USER")) ||
        (fault.signal === "SIGKILL" && line.includes("+++ killed by SIGKILL"))
      );
  }
}
