import type { LinkOutcome } from "../world/files.ts";
import type { Disk } from "./disk.ts";
import { parentPath, plain } from "./path.ts";
import { type Inode, systemError } from "./inode.ts";

// Calls that change more than one name.

/** rename(2). */
export function moveNow(disk: Disk, from: string, to: string): void {
  const inode = disk.require(from, "rename");
  const source = disk.place(from, "rename");
  const target = disk.place(to, "rename");
  const there = target.folder.names.get(target.name);
  if (there === inode) return;
  if (there?.kind === "folder") {
    if (inode.kind !== "folder") throw systemError("EISDIR", "rename", from);
    if (there.names.size > 0) throw systemError("ENOTEMPTY", "rename", from);
  } else if (there !== undefined && inode.kind === "folder") throw systemError("ENOTDIR", "rename", from);
  disk.name(target.folder, [
    // First the new name, so that it always has one.
    { folder: target.folder, name: target.name, inode },
    { folder: source.folder, name: source.name, inode: null },
  ]);
}

/** link(2). */
export function linkNow(disk: Disk, from: string, to: string): LinkOutcome {
  const inode = disk.find(from);
  const parent = disk.find(parentPath(to), true);
  if (inode === null || parent === null) return "absent";
  if (inode.kind === "folder") return "unsupported";
  const { folder, name } = disk.place(to, "link");
  if (folder.names.has(name)) return "exists";
  disk.name(folder, [{ folder, name, inode }]);
  return "linked";
}

/** Removes a file, or a folder from its leaves on: a crash may find it half done. */
export function removeNow(disk: Disk, path: string): void {
  const inode = disk.find(path);
  if (inode === null) return;
  const { folder, name } = disk.place(path, "rm");
  clear(disk, inode);
  disk.name(folder, [{ folder, name, inode: null }]);
}

function clear(disk: Disk, inode: Inode): void {
  if (inode.kind !== "folder") return;
  for (const [name, child] of [...inode.names]) {
    clear(disk, child);
    disk.name(inode, [{ folder: inode, name, inode: null }]);
  }
}

/** realpath(3). */
export function realPathOf(disk: Disk, path: string): string {
  const links = 40;
  let at = plain(path);
  for (let round = 0; round < links; round++) {
    const link = firstLink(disk, at);
    if (link === null) {
      disk.require(at, "realpath");
      return at;
    }
    const to = link.target.startsWith("/") ? link.target : `${link.parent}/${link.target}`;
    at = plain(`${to}${at.slice(link.path.length)}`);
  }
  throw systemError("ELOOP", "realpath", path);
}

function firstLink(
  disk: Disk,
  path: string,
): { readonly path: string; readonly parent: string; readonly target: string } | null {
  for (let end = path.indexOf("/", 1); ; end = path.indexOf("/", end + 1)) {
    const upto = end === -1 ? path : path.slice(0, end);
    const inode = disk.find(upto);
    if (inode?.kind === "link") {
      return { path: upto, parent: upto.slice(0, upto.lastIndexOf("/")), target: inode.target };
    }
    if (end === -1 || inode === null) return null;
  }
}
