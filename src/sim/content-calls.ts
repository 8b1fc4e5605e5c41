import type { OpenFile, SmallRead } from "../world/files.ts";
import { bytesOf, copied, type Run } from "./data.ts";
import { runsOf } from "./known-runs.ts";
import { FileCalls } from "./file-calls.ts";
import { type Inode, systemError } from "./inode.ts";
import { COST, sizedUs } from "./machine.ts";
import { SimOpenFile } from "./open-file.ts";

export const UID = 1000;
export const FILE_MODE = 0o644;
const CHUNK_BYTES = 1024 * 1024;

/** Calls that read or write what is in files. */
export class ContentCalls extends FileCalls {
  readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
    return this.does("read", COST.read, () => {
      const { content } = this.#file(path, "open", true);
      if (content.size > maxBytes) throw new RangeError(`${path} is larger than ${maxBytes} bytes`);
      this.disk.mayFail("read", path);
      return copied(bytesOf(content.read(0, content.size)));
    });
  }

  async *readChunks(path: string): AsyncIterable<Uint8Array> {
    const inode = await this.does("open", COST.open, () => this.#file(path, "open", true));
    for (let at = 0; ; ) {
      const from = at;
      const bytes = await this.does("read", sizedUs(COST.read, CHUNK_BYTES), () => {
        this.disk.mayFail("read", path);
        return copied(bytesOf(inode.content.read(from, CHUNK_BYTES)));
      });
      if (bytes.length === 0) return;
      at += bytes.length;
      yield bytes;
    }
  }

  write(path: string, data: string | Uint8Array, mode: number = FILE_MODE): Promise<void> {
    return this.does("write", COST.write, () => {
      const there = this.disk.find(path, true);
      if (there?.kind === "folder") throw systemError("EISDIR", "open", path);
      const inode = there ?? this.disk.make("file", path, mode, "open");
      if (inode.content.size > 0) this.disk.change(inode, { kind: "truncate", size: 0 }, path);
      inode.modified = this.disk.nowUs();
      if (data.length > 0) this.#put(inode, ownedRuns(data), path);
    });
  }

  copy(from: string, to: string): Promise<void> {
    return this.does("copy", COST.write, () => {
      const source = this.#file(from, "copyfile", true);
      const there = this.disk.find(to, true) ?? this.disk.make("file", to, source.mode, "copyfile");
      if (there.content.size > 0) this.disk.change(there, { kind: "truncate", size: 0 }, to);
      this.#put(there, source.content.read(0, source.content.size), to);
    });
  }

  openRead(path: string): Promise<OpenFile> {
    return this.#open(path, false);
  }

  openUpdate(path: string): Promise<OpenFile> {
    return this.#open(path, true);
  }

  createNew(path: string, mode: number): Promise<OpenFile> {
    return this.does("open", COST.open, () => {
      return new SimOpenFile(this.seat, this.disk.make("file", path, mode, "open"), path, true);
    });
  }

  readSmall(path: string, maxBytes: number): Promise<SmallRead> {
    return this.does("read", COST.read, (): SmallRead => {
      const inode = this.look(path);
      if (inode === null) return { kind: "absent" };
      if (inode.kind === "link") return { kind: "refused", why: "link" };
      if (inode.kind !== "file") return { kind: "refused", why: "not-a-file" };
      const { content } = inode;
      if (content.size > maxBytes) return { kind: "refused", why: "too-large" };
      this.disk.mayFail("read", path);
      return {
        kind: "bytes",
        bytes: copied(bytesOf(content.read(0, content.size))),
        facts: inode.facts(UID),
      };
    });
  }

  reflink(from: string, to: string): Promise<boolean> {
    return this.does("reflink", COST.open, () => {
      if (this.disk.options.reflinks !== true) return false;
      const source = this.#file(from, "copyfile", true);
      const inode = this.disk.make("file", to, source.mode, "copyfile");
      this.#put(inode, source.content.read(0, source.content.size), to);
      return true;
    });
  }

  #open(path: string, writable: boolean): Promise<OpenFile> {
    return this.does("open", COST.open, () => {
      const inode = this.#file(path, "open", false);
      return new SimOpenFile(this.seat, inode, path, writable);
    });
  }

  #file(path: string, syscall: string, follow: boolean): Inode {
    const inode = this.disk.require(path, syscall, follow);
    if (inode.kind === "link") throw systemError("ELOOP", syscall, path);
    if (inode.kind !== "file") throw systemError("EISDIR", syscall, path);
    return inode;
  }

  #put(inode: Inode, runs: readonly Run[], path: string): void {
    this.disk.mayFail("write", path);
    let at = 0;
    for (const run of runs) {
      this.disk.change(inode, { kind: "write", at, run }, path);
      at += run.size;
    }
  }
}

function ownedRuns(data: string | Uint8Array): readonly Run[] {
  return runsOf(typeof data === "string" ? Buffer.from(data, "utf8") : copied(data));
}
