import { faultsAt, mayLast } from "./catalogue.ts";
import { type Point, pointId, type Role } from "./point.ts";
import type { Call } from "./syscalls.ts";

/** Where the command's own files lie, as it sees them. */
export interface OwnPaths {
  readonly folder: string;
  readonly output: string | null;
  readonly model: string | null;
  readonly state: string | null;
  readonly stdout: string;
  /** Files in here are apr's own. */
  readonly notes: string;
}

/** strace counts no further. */
const MAX_OCCURRENCE = 65_535;

/** A call of the command on something of its own, with what that is. */
interface OwnCall extends Call {
  readonly role: Role;
  readonly path: string | null;
}

/**
 * Every point of a run, from the logs of two clean runs: what the second does not repeat has no path that can be named.
 * A single fault counts all calls of a thread; a lasting one only those on its file, or the message about it would fail too.
 */
export function pointsOf(calls: readonly Call[], again: readonly Call[], own: OwnPaths): readonly Point[] {
  const stable = new Set(again.flatMap(({ exact }) => exact));
  const elsewhere = foreignOccurrences(calls, own);
  const counts = new Map<string, number>();
  const points = new Map<string, Point>();
  const add = (point: Point): void => {
    if (point.occurrence <= MAX_OCCURRENCE) points.set(`${pointId(point)}\0${point.path}`, point);
  };
  const loaded = loadersEnd(calls);
  const threaded = new Set(calls.map(({ pid }) => pid)).size > 1;
  for (const [index, call] of calls.entries()) {
    const found = ownCall(call, own, index > (loaded.get(call.pid) ?? -1));
    if (found === null) continue;
    const { name, role, path } = found;
    const key = `${call.pid} ${name} ${path}`;
    const onPath = (counts.get(key) ?? 0) + 1;
    counts.set(key, onPath);
    const named = path !== null && stable.has(path) && call.exact.includes(path) ? path : null;
    for (const fault of faultsAt(name, role, call.text)) {
      const base = { kind: kindOf(fault), fault, call: name, role, threaded } as const;
      const alone = !threaded && !elsewhere.has(`${name} ${call.occurrence}`);
      add(
        alone || named === null
          ? { ...base, occurrence: call.occurrence, sustained: false, path: null }
          : { ...base, occurrence: onPath, sustained: false, path: named },
      );
      if (!mayLast(fault)) continue;
      if (role === "memory") add({ ...base, occurrence: call.occurrence, sustained: true, path: null });
      else if (named !== null) add({ ...base, occurrence: onPath, sustained: true, path: named });
    }
  }
  return [...points.values()];
}

function kindOf(fault: string): Point["kind"] {
  return fault.startsWith("SIG") ? "signal" : "error";
}

/** Occurrences that, in some thread, are calls on something that is not the command's own. */
function foreignOccurrences(calls: readonly Call[], own: OwnPaths): ReadonlySet<string> {
  const found = new Set<string>();
  for (const call of calls) {
    if (ownCall(call, own, true) === null) found.add(`${call.name} ${call.occurrence}`);
  }
  return found;
}

function ownCall(call: Call, own: OwnPaths, loaded: boolean): OwnCall | null {
  if (call.name === "mmap" || call.name === "brk" || call.name === "mremap") {
    // A map of a library, or a question where the heap ends, is not the command's own memory.
    const asks = call.name === "mmap" ? call.text.includes("MAP_ANONYMOUS") : !call.text.startsWith("NULL");
    return loaded && asks ? { ...call, role: "memory", path: null } : null;
  }
  if (call.socket) return { ...call, role: "network", path: null };
  for (const path of call.paths.toReversed()) {
    const role = roleOf(path, own);
    if (role !== null) return { ...call, role, path };
  }
  return null;
}

function roleOf(path: string, own: OwnPaths): Role | null {
  if (path === own.stdout) return "stdout";
  if (within(path, own.notes)) return null;
  if (within(path, own.output)) return "output";
  if (within(path, own.state)) return "state";
  if (within(path, own.model)) return "model";
  return within(path, own.folder) || path.startsWith("/dev/shm/") ? "file" : null;
}

function within(path: string, folder: string | null): boolean {
  return folder !== null && (path === folder || path.startsWith(`${folder}/`));
}

/** For each process, where its loader was done: it unmaps its cache of libraries last. */
function loadersEnd(calls: readonly Call[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const [index, { pid, name }] of calls.entries()) {
    if (name === "execve") ends.delete(pid);
    if (name === "munmap" && !ends.has(pid)) ends.set(pid, index);
  }
  return ends;
}
