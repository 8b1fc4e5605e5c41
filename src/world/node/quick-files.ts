import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type { FileFacts } from "../files.ts";
import type { QuickFiles } from "../quick-files.ts";
import { factsOf } from "./facts.ts";

export const nodeQuickFiles: QuickFiles = {
  tree,
  names: (folder) => entries(folder).map(({ name }) => name),
  facts: factsNow,
  head: (path, maxBytes) => part(path, (size) => ({ at: 0, length: Math.min(size, maxBytes) })),
  tail: (path, maxBytes) =>
    part(path, (size) => ({ at: Math.max(0, size - maxBytes), length: Math.min(size, maxBytes) })),
  write: (path, data) => writeFileSync(path, data),
  empty,
};

function tree(root: string, maxEntries: number): ReadonlyMap<string, FileFacts> {
  const found: [string, FileFacts][] = [];
  const queue = [""];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const { name } of entries(`${root}/${folder}`)) {
      if (found.length >= maxEntries) break;
      const path = folder === "" ? name : `${folder}/${name}`;
      const facts = factsNow(`${root}/${path}`);
      if (facts === null) continue;
      found.push([path, facts]);
      if (facts.kind === "folder") queue.push(path);
    }
  }
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function factsNow(path: string): FileFacts | null {
  try {
    return factsOf(lstatSync(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** Not through a link and never waiting for a FIFO's other end: the command under test made the file. */
function part(
  path: string,
  range: (size: number) => { readonly at: number; readonly length: number },
): Uint8Array | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return null;
    const { at, length } = range(stats.size);
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(fd, buffer, done, length - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function empty(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const entry of entries(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) removeFolder(path);
    else unlinkSync(path);
  }
}

/** Permissions that a program took from its own folders come back first. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    chmodSync(path, 0o700);
    for (const [name, facts] of tree(path, 100_000)) {
      if (facts.kind === "folder") chmodSync(`${path}/${name}`, 0o700);
    }
    rmSync(path, { recursive: true, force: true });
  }
}
