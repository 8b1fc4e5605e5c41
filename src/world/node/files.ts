import { constants, rmSync, writeFileSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  utimes,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../../base/errors.ts";
import type { Files } from "../files.ts";
import { durableFiles } from "./durable-files.ts";
import { pathFacts } from "./facts.ts";

const CHUNK_BYTES = 1024 * 1024;

export const nodeFiles: Files = {
  ...durableFiles,
  facts: pathFacts,
  realPath: (path) => realpath(path),
  list: async (path) => (await readdir(path)).sort(),
  readBounded,
  readChunks,
  readLink: (path) => readlink(path),
  write: (path, data, mode) =>
    new Promise((resolve) => resolve(writeFileSync(path, data, mode === undefined ? {} : { mode }))),
  writeAtomic,
  copy: (from, to) => copyFile(from, to, constants.COPYFILE_FICLONE),
  makeFolder,
  makeTempFolder: (prefix) => mkdtemp(prefix),
  rename: (from, to) => rename(from, to),
  setMode: (path, mode) => chmod(path, mode),
  setModified: (path, modifiedNs) => utimes(path, Number(modifiedNs) / 1e9, Number(modifiedNs) / 1e9),
  symlink: (target, path) => symlink(target, path),
  remove,
  async space(path) {
    const facts = await statfs(path);
    return { freeBytes: facts.bavail * facts.bsize, freeInodes: facts.ffree };
  },
};

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw new RangeError(`${path} is larger than ${maxBytes} bytes`);
    // /proc files and growing files report a size that is too small: read up to the bound all the same.
    const parts: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxBytes + 1 - total));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return Buffer.concat(parts, total);
      total += bytesRead;
      if (total > maxBytes) throw new RangeError(`${path} is larger than ${maxBytes} bytes`);
      parts.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

async function* readChunks(path: string): AsyncIterable<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function writeAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o644);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Not `mkdir` with `recursive`: under /proc Node tries that for ever. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if (systemCode(error) !== "ENOENT" || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path).catch(async (again: unknown) => {
      // Somebody else may have made it in the meantime.
      if (!(await isFolder(path))) throw again;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

async function remove(path: string): Promise<void> {
  try {
    // Synchronous: folders of a store's work are small, and an awaited removal takes ten times as long.
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EACCES" && code !== "EPERM" && code !== "ENOTEMPTY") throw error;
    await openFolders(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Gives back the permissions that a program took from its own folders, so that they can be removed. */
async function openFolders(path: string): Promise<void> {
  const found = await pathFacts(path);
  if (found?.kind !== "folder") return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await openFolders(join(path, name));
}
