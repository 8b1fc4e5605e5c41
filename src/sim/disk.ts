import { type Chooser, kindNumber } from "./choices.ts";
import type { Coverage } from "./coverage.ts";
import { leaveAfterCrash } from "./crash.ts";
import type { FaultPlan } from "./faults.ts";
import { Inode, systemError, type Unsynced } from "./inode.ts";
import { type DiskOdds, diskOddsOf } from "./disk-odds.ts";
import { partsOf, plain } from "./path.ts";
import { eachInode, eachName, type NameChange, settle, shareName } from "./names.ts";

// A file system in memory. Names and contents are what programs see; `safe` is what would be left if the machine
// stopped now. What is between the two is in lists, of which a crash keeps any part (crash.ts).

export interface DiskOptions {
  /** Room for content; without it the disk is never full. */
  readonly capacityBytes?: number;
  readonly capacityInodes?: number;
  /** False where room cannot be reserved, as on some file systems. */
  readonly reserves?: boolean;
  readonly reflinks?: boolean;
}

const MAX_LINKS = 40;
const ROOT_INODE = 2;

export class Disk {
  readonly root: Inode;
  readonly options: DiskOptions;
  usedBytes = 0;
  inodes = 1;
  /** No faults any more. */
  calm = false;
  unsyncedNames: NameChange[] = [];
  readonly #chooser: Chooser;
  readonly #coverage: Coverage;
  readonly #now: () => number;
  readonly #odds: DiskOdds;
  /** Its plan has no fault for it. */
  readonly #sound: boolean;
  #lastInode = ROOT_INODE;

  constructor(
    options: DiskOptions,
    faults: FaultPlan["disk"],
    chooser: Chooser,
    coverage: Coverage,
    now: () => number,
  ) {
    this.options = options;
    this.#chooser = chooser;
    this.#coverage = coverage;
    this.#now = now;
    this.root = new Inode(ROOT_INODE, "folder", 0o755, now());
    this.#odds = diskOddsOf(faults);
    this.#sound = Object.values(this.#odds).every(({ never }) => never);
  }

  get freeBytes(): number {
    return Math.max(0, (this.options.capacityBytes ?? Number.MAX_SAFE_INTEGER) - this.usedBytes);
  }

  get freeInodes(): number {
    return Math.max(0, (this.options.capacityInodes ?? 1_000_000_000) - this.inodes);
  }

  /** Throws what the plan says that this call throws. */
  mayFail(call: "read" | "write" | "sync", path: string): void {
    if (this.#sound || this.calm) return;
    const odds = this.#odds[call];
    if (odds.never) return;
    const value = this.#chooser.among(KINDS[call], odds);
    if (value === 0) return;
    const fault = value === 2 ? "full" : call;
    this.#coverage.hit(`disk ${fault}`);
    this.#chooser.about(path);
    throw systemError(fault === "full" ? "ENOSPC" : "EIO", call === "sync" ? "fsync" : call, path);
  }

  /** What is at a path; null when nothing is. Links on the way are followed, at its end only if asked. */
  find(path: string, follow = false): Inode | null {
    return this.#walk(path, follow, 0);
  }

  /** The same, but throws ENOENT or ENOTDIR. */
  require(path: string, syscall: string, follow = false): Inode {
    const inode = this.#walk(path, follow, 0);
    if (inode === null) throw systemError("ENOENT", syscall, path);
    return inode;
  }

  /** The folder that a path's last name is in, and that name. */
  place(path: string, syscall: string): { readonly folder: Inode; readonly name: string } {
    const parts = partsOf(path);
    const folder = this.#along(path, parts, Math.max(0, parts.length - 1), true, 0);
    if (folder === null) throw systemError("ENOENT", syscall, path);
    if (folder.kind !== "folder") throw systemError("ENOTDIR", syscall, path);
    return { folder, name: parts[parts.length - 1] ?? "" };
  }

  make(kind: "file" | "folder" | "link", path: string, mode: number, syscall: string, target = ""): Inode {
    const { folder, name } = this.place(path, syscall);
    if (folder.names.has(name)) throw systemError("EEXIST", syscall, path);
    if (this.freeInodes === 0) throw this.#full(syscall, path);
    this.#lastInode += 1;
    const inode = new Inode(this.#lastInode, kind, mode, this.#now(), target);
    this.inodes += 1;
    this.name(folder, [{ folder, name, inode }]);
    return inode;
  }

  /** Changes names; the medium learns of it when `folder` is synced. */
  name(folder: Inode, changes: NameChange["changes"]): void {
    const now = this.#now();
    for (const { folder: where, name, inode } of changes) {
      const before = where.names.get(name);
      if (inode === null) where.names.delete(name);
      else where.names.set(name, inode);
      if (inode !== null) inode.links += 1;
      where.modified = now;
      if (before !== undefined) this.#unlinked(before);
    }
    this.unsyncedNames.push({ folder, changes });
  }

  change(inode: Inode, change: Unsynced, path: string): void {
    const before = this.usedBytes;
    const capacity = this.options.capacityBytes;
    if (capacity !== undefined && change.kind !== "truncate") {
      // Looked at before it is done: what does not fit must not be there.
      const wanted =
        change.kind === "write" ? change.run.size : Math.max(0, change.size - inode.content.size);
      if (before + wanted > capacity && before + this.#growth(inode, change) > capacity) {
        throw this.#full(change.kind, path);
      }
    }
    this.usedBytes = before + inode.change(change, this.#now());
  }

  syncFolder(folder: Inode): void {
    const all = this.unsyncedNames;
    if (!all.some((change) => change.folder === folder)) return;
    const kept: NameChange[] = [];
    // A change takes with it what was done to the same names before. There are never many.
    for (let at = all.length - 1; at >= 0; at--) {
      const change = all[at];
      if (change === undefined) continue;
      if (change.folder === folder || kept.some((later) => shareName(later, change))) kept.push(change);
    }
    for (const change of kept.toReversed()) settle(change);
    this.unsyncedNames = all.length === kept.length ? [] : all.filter((change) => !kept.includes(change));
  }

  /** The machine stops: only the medium is left, with some of what was not synced. */
  crash(): void {
    leaveAfterCrash(this, this.#chooser, this.#coverage);
    this.recount();
  }

  /** Puts all on the medium, as an orderly shutdown does. */
  syncAll(): void {
    for (const change of this.unsyncedNames) settle(change);
    this.unsyncedNames = [];
    eachInode(this.root, (inode) => inode.sync());
  }

  recount(): void {
    this.usedBytes = 0;
    this.inodes = 0;
    eachInode(this.root, (inode) => {
      inode.opened = 0;
      inode.links = 0;
      this.usedBytes += inode.content.allocatedBytes;
      this.inodes += 1;
    });
    eachName(this.root, (inode) => {
      inode.links += 1;
    });
  }

  released(inode: Inode): void {
    inode.opened -= 1;
    this.#freeIfGone(inode);
  }

  nowUs(): number {
    return this.#now();
  }

  #unlinked(inode: Inode): void {
    inode.links -= 1;
    inode.changedUs = this.#now();
    this.#freeIfGone(inode);
  }

  #freeIfGone(inode: Inode): void {
    if (inode.links > 0 || inode.opened > 0) return;
    this.usedBytes -= inode.content.allocatedBytes;
    this.inodes -= 1;
  }

  #growth(inode: Inode, change: Unsynced): number {
    const copy = inode.content.clone();
    if (change.kind === "write") return copy.write(change.at, change.run);
    return change.kind === "reserve" ? copy.reserve(change.size) : 0;
  }

  #full(syscall: string, path: string): Error {
    this.#coverage.hit("disk full");
    return systemError("ENOSPC", syscall, path);
  }

  #walk(path: string, follow: boolean, links: number): Inode | null {
    const parts = partsOf(path);
    return this.#along(path, parts, parts.length, follow || path.endsWith("/"), links);
  }

  /** Along the first `count` names of a path. */
  #along(
    path: string,
    parts: readonly string[],
    count: number,
    follow: boolean,
    links: number,
  ): Inode | null {
    if (links > MAX_LINKS) throw systemError("ELOOP", "lstat", path);
    let inode = this.root;
    for (let index = 0; index < count; index++) {
      if (inode.kind !== "folder") throw systemError("ENOTDIR", "lstat", path);
      const next = inode.names.get(parts[index] ?? "");
      if (next === undefined) return null;
      if (next.kind === "link" && (follow || index < count - 1)) {
        const to = next.target.startsWith("/") ? [] : parts.slice(0, index);
        const rest = [...to, next.target, ...parts.slice(index + 1, count)];
        return this.#walk(plain(rest.join("/")), follow, links + 1);
      }
      inode = next;
    }
    return inode;
  }
}

const KINDS = {
  read: kindNumber("disk-read"),
  write: kindNumber("disk-write"),
  sync: kindNumber("disk-sync"),
} as const;
