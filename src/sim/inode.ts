import type { FileFacts, FileKind } from "../world/files.ts";
import { Content } from "./content.ts";
import type { Run } from "./data.ts";

/** A change of a file's content that may not be on the medium yet. */
export type Unsynced =
  | { readonly kind: "write"; readonly at: number; readonly run: Run }
  | { readonly kind: "truncate"; readonly size: number }
  | { readonly kind: "reserve"; readonly size: number };

const DEVICE = 1n;

/** As they were when they were asked for. Its large numbers are made when somebody looks at them: few do. */
class Facts implements FileFacts {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly device: bigint = DEVICE;
  readonly links: number;
  readonly allocatedBytes: number;
  readonly uid: number;
  private readonly number: number;
  private readonly modified: number | bigint;
  private readonly changedUs: number;

  constructor({ kind, content, target, mode, number, links, modified, changedUs }: Inode, uid: number) {
    this.kind = kind;
    this.sizeBytes = kind === "file" ? content.size : target.length;
    this.mode = mode;
    this.links = links;
    this.allocatedBytes = content.allocatedBytes;
    this.uid = uid;
    this.number = number;
    this.modified = modified;
    this.changedUs = changedUs;
  }

  get inode(): bigint {
    return BigInt(this.number);
  }

  get modifiedNs(): bigint {
    return typeof this.modified === "bigint" ? this.modified : BigInt(this.modified) * 1000n;
  }

  get changedNs(): bigint {
    return BigInt(this.changedUs) * 1000n;
  }
}

/** A file, a folder or a link, under whatever names. */
export class Inode {
  readonly number: number;
  readonly kind: FileKind;
  mode: number;
  links = 0;
  /** Microseconds since 1970; bigint nanoseconds where a program has set it. */
  modified: number | bigint;
  changedUs: number;
  /** As programs see it. */
  content: Content = new Content();
  /** As it was when it was last put on the medium. */
  safe: Content = new Content();
  unsynced: Unsynced[] = [];
  /** Of a folder: as programs see it, and as it is on the medium. */
  readonly names: Map<string, Inode>;
  safeNames: Map<string, Inode>;
  readonly target: string;
  /** Open files keep it. */
  opened = 0;
  /** Something of it will never be on the medium, although programs see it. */
  #lost = false;
  #changes = 0;

  constructor(number: number, kind: FileKind, mode: number, nowUs: number, target = "") {
    this.number = number;
    this.kind = kind;
    this.mode = mode;
    this.modified = nowUs;
    this.changedUs = nowUs;
    this.names = NO_NAMES;
    this.safeNames = NO_NAMES;
    this.target = target;
    if (kind !== "folder") return;
    this.names = new Map();
    this.safeNames = new Map();
  }

  facts(uid: number): FileFacts {
    return new Facts(this, uid);
  }

  /** How many changes there were until now: what a sync that begins now promises. */
  get changes(): number {
    return this.#changes;
  }

  /** What was written until then is on the medium from now on; what came later need not be. */
  sync(changes: number = this.#changes): void {
    const count = this.unsynced.length - (this.#changes - changes);
    if (count <= 0) return;
    if (count === this.unsynced.length && !this.#lost) {
      this.safe = this.content.clone();
      this.unsynced = [];
    } else for (const change of this.unsynced.splice(0, count)) apply(this.safe, change);
  }

  /** The medium refused, and the system forgets: programs still see what was written, and no later sync brings it there. */
  failSync(): void {
    if (this.unsynced.length > 0) this.#lost = true;
    this.unsynced = [];
  }

  /** What is left after a crash: the medium alone. */
  restart(): void {
    this.#lost = false;
    this.content = this.safe.clone();
  }

  /** Changes what programs see; the medium keeps what it has. Returns by how much more it takes. */
  change(change: Unsynced, nowUs: number): number {
    this.unsynced.push(change);
    this.#changes += 1;
    this.modified = nowUs;
    this.changedUs = nowUs;
    return apply(this.content, change);
  }
}

const NO_NAMES: Map<string, Inode> = new Map();

export function apply(content: Content, change: Unsynced): number {
  if (change.kind === "write") return content.write(change.at, change.run);
  return change.kind === "truncate" ? content.truncate(change.size) : content.reserve(change.size);
}

/** The system's own error, as Node would throw it. */
export function systemError(code: string, syscall: string, path = ""): Error {
  const words = WORDS[code] ?? "error";
  const where = path === "" ? "" : ` '${path}'`;
  return Object.assign(new Error(`${code}: ${words}, ${syscall}${where}`), {
    code,
    syscall,
    ...(path === "" ? {} : { path }),
  });
}

const WORDS: Readonly<Record<string, string>> = {
  EEXIST: "file already exists",
  EINVAL: "invalid argument",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ELOOP: "too many symbolic links encountered",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EBADF: "bad file descriptor",
};
