/** One system call of a program's thread: the `occurrence`th of its name there, counted as strace's `when=` does. */
export interface CallPoint {
  readonly call: string;
  readonly occurrence: number;
  /** Threads in the order in which they first appear: 0 is the main one. */
  readonly thread: number;
  readonly line: string;
}

export type Fault = "kill" | "ENOSPC" | "ENOSPC+" | "EIO" | "EIO+";

/** One run: this fault at this call. `+` goes on with every later call of that name. */
export interface Point extends CallPoint {
  readonly fault: Fault;
}

/** Every call that reads or changes files. `close` is left out: an injected error there would skip the close itself. */
export const CALLS: readonly string[] = [
  ...["openat", "mkdir", "rename", "renameat2", "link", "unlink", "rmdir", "symlink", "readlink"],
  ...["statx", "newfstatat", "statfs", "getdents64", "read", "pread64", "write", "pwrite64"],
  ...["fsync", "fdatasync", "fallocate", "ftruncate", "fchmod", "chmod", "ioctl", "copy_file_range"],
];

/** Calls that a full disk can refuse. */
const NEED_ROOM = new Set([
  ...[
    "openat",
    "mkdir",
    "rename",
    "link",
    "symlink",
    "write",
    "pwrite64",
    "fsync",
    "fallocate",
    "copy_file_range",
  ],
]);

/** Calls of a baseline's log (strace -f -y) whose path lies under one of the folders. */
export function callPoints(log: string, folders: readonly string[]): CallPoint[] {
  const counts = new Map<string, number>();
  const threads: string[] = [];
  const found: CallPoint[] = [];
  for (const line of log.split("\n")) {
    const parts = /^(\d+)\s+([a-z0-9_]+)\(/.exec(line);
    if (parts === null) continue;
    const [, id = "", call = ""] = parts;
    if (!threads.includes(id)) threads.push(id);
    const key = `${id} ${call}`;
    const occurrence = (counts.get(key) ?? 0) + 1;
    counts.set(key, occurrence);
    if (folders.some((folder) => line.includes(folder))) {
      found.push({ call, occurrence, thread: threads.indexOf(id), line });
    }
  }
  return found;
}

/** Every fault at every call where it makes sense. */
export function allPoints(calls: readonly CallPoint[]): Point[] {
  return calls.flatMap((point) => {
    const faults: Fault[] = NEED_ROOM.has(point.call)
      ? ["kill", "ENOSPC", "ENOSPC+", "EIO", "EIO+"]
      : ["kill", "EIO", "EIO+"];
    return faults.map((fault) => ({ ...point, fault }));
  });
}

export function injection({ call, occurrence, fault }: Point): string {
  const when = `when=${occurrence}${fault.endsWith("+") ? "+" : ""}`;
  const what = fault === "kill" ? "signal=SIGKILL" : `error=${fault.replace("+", "")}`;
  return `inject=${call}:${what}:${when}`;
}

/** The same `count` points for the same seed, in their own order; all where there are no more. */
export function sample<T>(points: readonly T[], count: number, seed: number): T[] {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    // xorshift32: enough to choose from a list.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const ranked = points.map((point, index) => ({ point, index, rank: next() }));
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ point }) => point);
}
