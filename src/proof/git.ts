import type { Processes } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { MAX_ENTRIES } from "./limits.ts";
import type { ChangedFile, CommitRecord } from "./types.ts";

export type GitWorld = {
  readonly processes: Pick<Processes, "spawn" | "signal">;
  readonly timers: World["timers"];
  readonly env: World["env"];
};

/** A work tree of this size is not looked through for a proof. */
const TIMEOUT_MS = 10_000;
const CAPTURE_BYTES = 512 * 1024;

/** No program of the repository's own settings is started for a mere look, and nothing is written. */
const SETTINGS = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** The state of the work tree around `cwd`; null without git, or outside of one. Never fails. */
export async function readCommit(world: GitWorld, cwd: string): Promise<CommitRecord | null> {
  const inside = await git(world, cwd, ["rev-parse", "--is-inside-work-tree"]);
  if (inside?.text.trim() !== "true") return null;
  const commit = (await git(world, cwd, ["rev-parse", "--verify", "--quiet", "HEAD"]))?.text.trim() ?? null;
  const branch = (await git(world, cwd, ["symbolic-ref", "--quiet", "--short", "HEAD"]))?.text.trim() ?? null;
  const status = await git(world, cwd, [
    ...[
      "status",
      "--porcelain=v1",
      "-z",
      "--no-renames",
      "--untracked-files=normal",
      "--ignore-submodules=dirty",
    ],
  ]);
  if (status === null) return null;
  const all = fields(status).map((field) => ({ status: field.slice(0, 2), path: field.slice(3) }));
  const { files, complete } = bounded(all, status.whole);
  return { commit, branch, dirty: all.length > 0, dirty_files: files, complete };
}

/** What differs between a commit and the work tree as it is now, untracked files included. */
export async function readChanges(
  world: GitWorld,
  cwd: string,
  before: CommitRecord | null,
  after: CommitRecord | null,
): Promise<FileList> {
  if (after === null) return { files: [], complete: true };
  const from = before?.commit ?? null;
  if (from === null) return { files: after.dirty_files, complete: after.complete };
  const diff = await git(world, cwd, [
    ...[
      "diff",
      "--name-status",
      "-z",
      "--no-renames",
      "--no-ext-diff",
      "--no-textconv",
      "--ignore-submodules=dirty",
    ],
    ...[from, "--"],
  ]);
  if (diff === null) return { files: [], complete: false };
  const parts = fields(diff);
  const changed: ChangedFile[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    changed.push({ status: parts[at] ?? "", path: parts[at + 1] ?? "" });
  }
  const known = new Set(changed.map(({ path }) => path));
  const untracked = after.dirty_files.filter(({ status, path }) => status === "??" && !known.has(path));
  return bounded([...changed, ...untracked], diff.whole && after.complete);
}

interface FileList {
  readonly files: readonly ChangedFile[];
  /** False when there were more. */
  readonly complete: boolean;
}

function bounded(all: readonly ChangedFile[], whole: boolean): FileList {
  const files = all
    .slice(0, MAX_ENTRIES)
    .map(({ path, status }) => ({ path, status }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, complete: whole && all.length <= MAX_ENTRIES };
}

interface Answer {
  readonly text: string;
  /** False when the middle was left out. */
  readonly whole: boolean;
}

/** Fields that end in NUL; of a cut answer those before the cut. */
function fields({ text, whole }: Answer): string[] {
  const head = whole ? text : text.slice(0, CAPTURE_BYTES / 4);
  return head.split("\0").slice(0, -1);
}

/** Null when git is not there, refuses, or takes too long. */
async function git(world: GitWorld, cwd: string, args: readonly string[]): Promise<Answer | null> {
  const { processes, timers } = world;
  const env = Object.fromEntries(
    Object.entries(world.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const child = await processes
    .spawn({
      argv: ["git", ...SETTINGS, ...args],
      cwd,
      env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      captureBytes: CAPTURE_BYTES,
    })
    .catch(() => null);
  if (child === null) return null;
  const over = new AbortController();
  const late = timers.sleep(TIMEOUT_MS, over.signal).then(() => "late" as const);
  const ended = child.exited.then(async (status) => {
    await child.drained;
    return status;
  });
  const end = await Promise.race([ended, late]);
  over.abort();
  if (end === "late") processes.signal(-child.pid, "SIGKILL");
  child.release();
  if (end === "late" || end.code !== 0) return null;
  const { text, droppedBytes } = child.stdout();
  return { text, whole: droppedBytes === 0 };
}
