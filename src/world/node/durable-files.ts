import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsync,
  linkSync,
  mkdirSync,
  opendirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { promisify } from "node:util";
import { systemCode } from "../../base/errors.ts";
import type { Files, FolderEntry, LinkOutcome, SmallRead } from "../files.ts";
import { factsOf, kindOf } from "./facts.ts";
import { openNew, openToRead, openToUpdate } from "./open-file.ts";

type DurableFiles = Pick<
  Files,
  | "openRead"
  | "openUpdate"
  | "createNew"
  | "readSmall"
  | "entries"
  | "makeOneFolder"
  | "removeEmptyFolder"
  | "unlink"
  | "move"
  | "link"
  | "reflink"
  | "syncFolder"
>;

const syncAsync = promisify(fsync);
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY, COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants;
/** How many names one system call brings. */
const FOLDER_BUFFER_ENTRIES = 512;

// Small calls are synchronous inside: they take microseconds, and an awaited one ten times that.
export const durableFiles: DurableFiles = {
  openRead: (path) => settle(() => openToRead(path)),
  openUpdate: (path) => settle(() => openToUpdate(path)),
  createNew: (path, mode) => settle(() => openNew(path, mode)),
  readSmall: (path, maxBytes) => settle(() => readSmall(path, maxBytes)),
  entries: (path, maxEntries) => settle(() => entries(path, maxEntries)),
  makeOneFolder: (path) => settle(() => unless(["EEXIST"], () => mkdirSync(path))),
  removeEmptyFolder: (path) =>
    settle(() => unless(["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY"], () => rmdirSync(path))),
  unlink: (path) => settle(() => unless(["ENOENT", "ENOTDIR"], () => unlinkSync(path))),
  move: (from, to) => settle(() => unless(["ENOENT"], () => renameSync(from, to))),
  link: (from, to) => settle(() => link(from, to)),
  reflink: (from, to) => settle(() => reflink(from, to)),
  syncFolder,
};

function settle<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** True when the call succeeded, false when it failed with one of the expected codes. */
function unless(codes: readonly string[], call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (codes.includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

function readSmall(path: string, maxBytes: number): SmallRead {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    if (code === "ELOOP") return { kind: "refused", why: "link" };
    if (code === "ENXIO" || code === "ENODEV") return { kind: "refused", why: "not-a-file" };
    throw error;
  }
  try {
    const facts = factsOf(fstatSync(fd, { bigint: true }));
    if (facts.kind !== "file") return { kind: "refused", why: "not-a-file" };
    if (facts.sizeBytes > maxBytes) return { kind: "refused", why: "too-large" };
    // One byte of room more than its size shows that it did not grow meanwhile.
    const buffer = Buffer.allocUnsafe(facts.sizeBytes + 1);
    let got = 0;
    for (;;) {
      const read = readSync(fd, buffer, got, buffer.length - got, null);
      got += read;
      // Fewer bytes than there was room for: the end. A second read to be told so would cost as much again.
      if (read === 0 || (got >= facts.sizeBytes && got < buffer.length)) {
        return { kind: "bytes", bytes: buffer.subarray(0, got), facts };
      }
      if (got === buffer.length) return { kind: "refused", why: "too-large" };
    }
  } finally {
    closeSync(fd);
  }
}

function entries(path: string, maxEntries: number): FolderEntry[] | null {
  let folder: ReturnType<typeof opendirSync>;
  try {
    folder = opendirSync(path, { bufferSize: FOLDER_BUFFER_ENTRIES });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    const found: FolderEntry[] = [];
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      if (found.length >= maxEntries) throw new RangeError(`${path} holds more than ${maxEntries} names`);
      found.push({ name: entry.name, kind: kindOf(entry) });
    }
    return found;
  } finally {
    folder.closeSync();
  }
}

function link(from: string, to: string): LinkOutcome {
  try {
    linkSync(from, to);
    return "linked";
  } catch (error) {
    switch (systemCode(error)) {
      case "EEXIST":
        return "exists";
      case "ENOENT":
        return "absent";
      case "EXDEV":
      case "EPERM":
      case "EMLINK":
      case "ENOTSUP":
      case "EOPNOTSUPP":
      case "ENOSYS":
        return "unsupported";
      default:
        throw error;
    }
  }
}

function reflink(from: string, to: string): boolean {
  // A failed attempt leaves no file behind: libuv removes it.
  const codes = ["ENOTSUP", "EOPNOTSUPP", "ENOTTY", "EXDEV", "EINVAL", "ENOSYS", "EPERM", "ETXTBSY"];
  return unless(codes, () => copyFileSync(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE));
}

async function syncFolder(path: string): Promise<void> {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    await syncAsync(fd);
  } finally {
    closeSync(fd);
  }
}
