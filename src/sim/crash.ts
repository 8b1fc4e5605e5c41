import { type Chooser, kindNumber } from "./choices.ts";
import type { Coverage } from "./coverage.ts";
import { apply, type Inode, type Unsynced } from "./inode.ts";
import { eachInode, type NameChange, settle } from "./names.ts";
import { cut } from "./data.ts";

// What a power cut leaves. Content and names go their own ways: a file that was synced may have lost its name, and a
// name may lead to an empty file. Of each file's unsynced writes, and of all unsynced names, one of these is left:
//
//   0  all      the cache was written just before
//   1  none     nothing was
//   2  a start  up to some moment, as journaling file systems do it
//   3  any      any subset, as the standard allows it
//   4  but one  all, but for what was done in one folder (names only)

const DATA: number = kindNumber("crash-data");
const WRITE: number = kindNumber("crash-write");
const NAMES: number = kindNumber("crash-names");
const NAME: number = kindNumber("crash-name");
const LEFT = ["all", "none", "a start", "any"] as const;
/** Disks write whole blocks. */
const BLOCK_BYTES = 4096;

/** What a crash needs of a disk. */
export interface Crashed {
  readonly root: Inode;
  unsyncedNames: NameChange[];
}

export function leaveAfterCrash(disk: Crashed, chooser: Chooser, coverage: Coverage): void {
  leaveNames(disk, chooser, coverage);
  eachInode(disk.root, (inode) => {
    if (inode.kind === "file") leaveContent(inode, chooser, coverage);
  });
}

function leaveNames(disk: Crashed, chooser: Chooser, coverage: Coverage): void {
  const changes = disk.unsyncedNames;
  disk.unsyncedNames = [];
  const folders = new Set<Inode>();
  eachInode(disk.root, (inode) => {
    if (inode.kind === "folder") folders.add(inode);
  });
  for (const { changes: each } of changes) {
    for (const { folder, inode } of each) {
      folders.add(folder);
      if (inode?.kind === "folder") folders.add(inode);
    }
  }
  for (const change of keptNames(changes, chooser, coverage)) settle(change);
  for (const folder of folders) {
    folder.names.clear();
    for (const [name, inode] of folder.safeNames) folder.names.set(name, inode);
  }
  nameFoldersOnce(disk.root);
}

/** Of several renames of a folder any may be left, but no file system lets a folder have two names. */
function nameFoldersOnce(root: Inode): void {
  const seen = new Set<Inode>([root]);
  for (const folder of seen) {
    for (const [name, inode] of folder.names) {
      if (inode.kind !== "folder") continue;
      if (!seen.has(inode)) {
        seen.add(inode);
        continue;
      }
      folder.names.delete(name);
      folder.safeNames.delete(name);
    }
  }
}

function keptNames(
  changes: readonly NameChange[],
  chooser: Chooser,
  coverage: Coverage,
): readonly NameChange[] {
  if (changes.length === 0 || chooser.below(NAME, 4) !== 3)
    return chosen(changes, chooser, NAMES, NAME, coverage, "names");
  coverage.hit("crash names but one");
  const folders = [...new Set(changes.map(({ folder }) => folder))];
  const lost = folders[chooser.below(NAME, folders.length)];
  return changes.filter(({ folder }) => folder !== lost);
}

function leaveContent(inode: Inode, chooser: Chooser, coverage: Coverage): void {
  const { unsynced, safe } = inode;
  inode.unsynced = [];
  if (unsynced.length > 0) {
    for (const change of chosen(unsynced, chooser, DATA, WRITE, coverage, "data")) {
      apply(safe, torn(change, chooser, coverage));
    }
  }
  inode.restart();
}

/** A long write may have come only in part. */
function torn(change: Unsynced, chooser: Chooser, coverage: Coverage): Unsynced {
  if (change.kind !== "write") return change;
  const blocks = Math.ceil(change.run.size / BLOCK_BYTES);
  const lost = chooser.below(WRITE, Math.min(4, blocks + 1));
  if (lost === 0) return change;
  coverage.hit("crash torn write");
  const kept = Math.floor((blocks * (4 - lost)) / 4) * BLOCK_BYTES;
  return { ...change, run: cut(change.run, 0, Math.min(kept, change.run.size)) };
}

function chosen<T>(
  all: readonly T[],
  chooser: Chooser,
  kind: number,
  each: number,
  coverage: Coverage,
  what: string,
): readonly T[] {
  if (all.length === 0) return all;
  const left = LEFT[chooser.below(kind, LEFT.length)] ?? "all";
  coverage.hit(`crash ${what} ${left}`);
  if (left === "all") return all;
  if (left === "none") return [];
  if (left === "a start") return all.slice(0, all.length - chooser.below(each, all.length + 1));
  return all.filter(() => chooser.below(each, 2) === 0);
}
