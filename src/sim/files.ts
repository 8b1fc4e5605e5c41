import type { FileFacts, Files, FolderEntry, LinkOutcome } from "../world/files.ts";
import { kindNumber } from "./choices.ts";
import { ContentCalls, FILE_MODE, UID } from "./content-calls.ts";
import { parentPath } from "./path.ts";
import { systemError } from "./inode.ts";
import { COST } from "./machine.ts";
import { linkNow, moveNow, realPathOf, removeNow } from "./rename.ts";

const LISTING: number = kindNumber("listing");

/** The simulated disk as one process sees it. */
export class SimFiles extends ContentCalls implements Files {
  facts(path: string): Promise<FileFacts | null> {
    return this.does("lstat", COST.lookup, () => this.look(path)?.facts(UID) ?? null);
  }

  realPath(path: string): Promise<string> {
    return this.does("realpath", COST.lookup, () => realPathOf(this.disk, path));
  }

  list(path: string): Promise<string[]> {
    return this.does("scandir", COST.read, () => {
      const folder = this.disk.require(path, "scandir", true);
      if (folder.kind !== "folder") throw systemError("ENOTDIR", "scandir", path);
      return [...folder.names.keys()].sort();
    });
  }

  readLink(path: string): Promise<string> {
    return this.does("readlink", COST.lookup, () => {
      const inode = this.disk.require(path, "readlink");
      if (inode.kind !== "link") throw systemError("EINVAL", "readlink", path);
      return inode.target;
    });
  }

  async writeAtomic(path: string, data: string | Uint8Array): Promise<void> {
    const temporary = `${path}.${this.seat.process.pid}.tmp`;
    try {
      const file = await this.createNew(temporary, FILE_MODE);
      try {
        await file.writeAt(typeof data === "string" ? Buffer.from(data, "utf8") : data, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.rename(temporary, path);
    } catch (error) {
      await this.remove(temporary);
      throw error;
    }
    await this.syncFolder(path.slice(0, path.lastIndexOf("/")));
  }

  async makeFolder(path: string): Promise<void> {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "" && (await this.facts(parent)) === null) await this.makeFolder(parent);
    if (await this.makeOneFolder(path)) return;
    const there = await this.does("stat", COST.lookup, () => this.disk.find(path, true));
    if (there?.kind !== "folder") throw systemError("EEXIST", "mkdir", path);
  }

  async makeTempFolder(prefix: string): Promise<string> {
    for (let number = 0; ; number++) {
      const path = `${prefix}${number.toString(36).padStart(6, "0")}`;
      if (await this.makeOneFolder(path)) return path;
    }
  }

  rename(from: string, to: string): Promise<void> {
    return this.does("rename", COST.open, () => moveNow(this.disk, from, to));
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.does("chmod", COST.lookup, () => {
      this.disk.require(path, "chmod", true).mode = mode;
    });
  }

  setModified(path: string, modifiedNs: bigint): Promise<void> {
    return this.does("utime", COST.lookup, () => {
      this.disk.require(path, "utime", true).modified = modifiedNs;
    });
  }

  symlink(target: string, path: string): Promise<void> {
    return this.does("symlink", COST.open, () => {
      this.disk.make("link", path, 0o777, "symlink", target);
    });
  }

  remove(path: string): Promise<void> {
    return this.does("rm", COST.open, () => removeNow(this.disk, path));
  }

  space(path: string): Promise<{ readonly freeBytes: number; readonly freeInodes: number }> {
    return this.does("statfs", COST.lookup, () => {
      this.disk.require(path, "statfs", true);
      return { freeBytes: this.disk.freeBytes, freeInodes: this.disk.freeInodes };
    });
  }

  entries(path: string, maxEntries: number): Promise<FolderEntry[] | null> {
    return this.does("opendir", COST.read, () => {
      const folder = this.disk.find(path, true);
      if (folder === null) return null;
      if (folder.kind !== "folder") throw systemError("ENOTDIR", "opendir", path);
      if (folder.names.size > maxEntries) {
        throw new RangeError(`${path} holds more than ${maxEntries} names`);
      }
      const found = [...folder.names].map(([name, { kind }]): FolderEntry => ({ name, kind }));
      if (found.length < 2) return found;
      const turn = this.seat.machine.chooser.below(LISTING, Math.min(found.length, 8));
      return [...found.slice(turn), ...found.slice(0, turn)];
    });
  }

  makeOneFolder(path: string): Promise<boolean> {
    return this.does("mkdir", COST.open, () => {
      const { folder, name } = this.disk.place(path, "mkdir");
      if (folder.names.has(name)) return false;
      this.disk.make("folder", path, 0o755, "mkdir");
      return true;
    });
  }

  removeEmptyFolder(path: string): Promise<boolean> {
    return this.does("rmdir", COST.open, () => {
      const inode = this.look(path);
      if (inode?.kind !== "folder" || inode.names.size > 0) return false;
      const { folder, name } = this.disk.place(path, "rmdir");
      this.disk.name(folder, [{ folder, name, inode: null }]);
      return true;
    });
  }

  unlink(path: string): Promise<boolean> {
    return this.does("unlink", COST.open, () => {
      const inode = this.look(path);
      if (inode === null) return false;
      if (inode.kind === "folder") throw systemError("EISDIR", "unlink", path);
      const { folder, name } = this.disk.place(path, "unlink");
      this.disk.name(folder, [{ folder, name, inode: null }]);
      return true;
    });
  }

  move(from: string, to: string): Promise<boolean> {
    return this.does("rename", COST.open, () => {
      if (this.look(from) === null) return false;
      // As rename(2) says it of a missing folder at either end.
      if (this.look(parentPath(to)) === null) return false;
      moveNow(this.disk, from, to);
      return true;
    });
  }

  link(from: string, to: string): Promise<LinkOutcome> {
    return this.does("link", COST.open, () => linkNow(this.disk, from, to));
  }

  syncFolder(path: string): Promise<void> {
    return this.does("fsync", COST.sync, () => {
      const folder = this.disk.require(path, "open", true);
      if (folder.kind !== "folder") throw systemError("ENOTDIR", "open", path);
      this.disk.mayFail("sync", path);
      this.disk.syncFolder(folder);
    });
  }
}
