import { AprError, systemCode } from "../base/errors.ts";
import type { FileFacts, OpenFile } from "../world/files.ts";
import { findBlob, placeBlob } from "./blobs.ts";
import { copyHashing, type CopyOptions, type Copied, streamHashing } from "./copy-bytes.ts";
import { type Digest, digestOf } from "./digest.ts";
import { BLOB_MODE } from "./layout.ts";
import { reserveOrRefuse } from "./room.ts";
import { settleClone, settleFile } from "./settle.ts";
import type { Store } from "./store.ts";
import { LeaseLost, type Work } from "./work.ts";

/** How the bytes came into the store; `known` when it had them already. */
export type How = "reflink" | "link" | "copy" | "known";

export interface Ingested {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly how: How;
}

export interface IngestOptions extends CopyOptions {
  /** A hard link will do where blocks cannot be shared: source and blob are then one file. */
  readonly link?: boolean;
  /** Refuse rather than copy. */
  readonly neverCopy?: boolean;
  /** Refuse any other content. */
  readonly expect?: Digest;
  /** Put it in the place of a blob whose bytes have gone bad. */
  readonly replace?: boolean;
}

const PRIVATE_MODE = 0o600;
/** Written by group or others: somebody else could change the blob through the source's name. */
const OTHERS_MAY_WRITE = 0o022;

/** Brings a file in as a blob by the cheapest way that is safe: shared blocks, a hard link, or one copy. */
export async function ingestFile(
  store: Store,
  work: Work,
  path: string,
  options: IngestOptions,
): Promise<Ingested> {
  const source = await resolveSource(store, path);
  const from = await store.world.files.openRead(source);
  let got: Got;
  try {
    got = await bringNear(store, work, { path, source, from }, options);
  } finally {
    await from.close();
  }
  // After the source is closed: what then fails has placed nothing.
  return place(store, work, got.temp, got.copied, got.how, options);
}

/** A blob under its first name, in the work's folder. */
interface Got {
  readonly temp: string;
  readonly copied: Copied;
  readonly how: How;
}

async function bringNear(
  store: Store,
  work: Work,
  { path, source, from }: { readonly path: string; readonly source: string; readonly from: OpenFile },
  options: IngestOptions,
): Promise<Got> {
  const { files } = store.world;
  const before = await from.facts();
  if (before.kind !== "file") throw notAFile(path);
  const temp = await freshName(store, work);
  let how: How = "copy";
  let copied: Copied;
  if (await files.reflink(source, temp)) {
    how = "reflink";
    await files.setMode(temp, BLOB_MODE);
    copied = await settleClone(store, source, before, temp, options);
  } else if (options.link === true && (await linkSource(store, source, temp, before))) {
    how = "link";
    copied = await settleFile(store, temp, options);
  } else if (options.neverCopy === true) {
    throw new AprError("io", `cannot be shared without a copy: ${path}`, {
      hint: "it lies on another file system, or others may write to it; apr import copies it",
      fields: { code: "needs-copy", path },
    });
  } else {
    copied = await copyInto(store, from, temp, before.sizeBytes, options);
  }
  refuseChanged(path, before, await from.facts(), copied.sizeBytes, how);
  return { temp, copied, how };
}

/** Brings a stream in as a blob. Its size is not known, so a full disk shows only while it is written. */
export async function ingestStream(
  store: Store,
  work: Work,
  chunks: AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<Ingested & { readonly temp: string }> {
  const temp = await freshName(store, work);
  const copied = await writeNew(store, temp, (to) => streamHashing(store.world, chunks, to, options));
  // It stays under its first name too, until somebody has looked into it.
  return { digest: digestOf(copied.hex), sizeBytes: copied.sizeBytes, how: "copy", temp };
}

/** Gives a stream's file its final name. */
export async function placeStream(
  store: Store,
  work: Work,
  from: Ingested & { temp: string },
): Promise<Ingested> {
  const hex = from.digest.slice("sha256:".length);
  return place(store, work, from.temp, { hex, sizeBytes: from.sizeBytes }, from.how, {});
}

/** Brings bytes in as a blob, such as a config. */
export async function ingestBytes(store: Store, work: Work, bytes: Uint8Array): Promise<Ingested> {
  const hasher = store.world.hash.sha256();
  hasher.update(bytes);
  const temp = await freshName(store, work);
  await writeNew(store, temp, (to) => to.writeAt(bytes, 0));
  return place(store, work, temp, { hex: hasher.hex(), sizeBytes: bytes.length }, "copy", {});
}

async function copyInto(
  store: Store,
  from: OpenFile,
  temp: string,
  sizeBytes: number,
  options: IngestOptions,
): Promise<Copied> {
  return writeNew(store, temp, async (to) => {
    await reserveOrRefuse(store, to, temp, sizeBytes);
    return copyHashing(store.world, from, { file: to, path: temp }, options);
  });
}

/** Makes a file, writes it, and puts it on the medium. */
async function writeNew<T>(store: Store, path: string, write: (to: OpenFile) => Promise<T>): Promise<T> {
  const to = await store.world.files.createNew(path, PRIVATE_MODE);
  try {
    const result = await write(to);
    await to.setMode(BLOB_MODE);
    await to.sync();
    return result;
  } finally {
    await to.close();
  }
}

async function linkSource(store: Store, source: string, temp: string, before: FileFacts): Promise<boolean> {
  const { files, host } = store.world;
  const safeOwner = before.uid === host.uid || before.uid === 0;
  if (!safeOwner || (before.mode & OTHERS_MAY_WRITE) !== 0) return false;
  if ((await files.link(source, temp)) !== "linked") return false;
  const linked = await files.facts(temp);
  if (linked?.inode === before.inode && linked.device === before.device) return true;
  await files.unlink(temp);
  return false;
}

async function place(
  store: Store,
  work: Work,
  temp: string,
  copied: Copied,
  how: How,
  { expect, replace }: Pick<IngestOptions, "expect" | "replace">,
): Promise<Ingested> {
  const { files } = store.world;
  const digest = digestOf(copied.hex);
  const facts = await files.facts(temp);
  if (facts === null) throw new LeaseLost();
  if (facts.kind !== "file" || facts.sizeBytes !== copied.sizeBytes) {
    throw new AprError("io", `wrote ${copied.sizeBytes} bytes, and ${facts.sizeBytes} are there`);
  }
  if (expect !== undefined && digest !== expect) {
    throw new AprError("malformed", `wrong bytes: expected ${expect}, got ${digest}`, {
      fields: { code: "wrong-digest", expected: expect, actual: digest },
    });
  }
  // Named first, looked for afterwards: from here on gc keeps it.
  await work.name([digest]);
  const known = await findBlob(store, digest);
  if (known?.sizeBytes === copied.sizeBytes && replace !== true) {
    await files.unlink(temp);
    return { digest, sizeBytes: copied.sizeBytes, how: "known" };
  }
  if (!(await placeBlob(store, temp, digest))) throw new LeaseLost();
  return { digest, sizeBytes: copied.sizeBytes, how };
}

/** A file that somebody writes to while it is read has no digest. */
function refuseChanged(path: string, before: FileFacts, after: FileFacts, readBytes: number, how: How): void {
  // Linking and sharing may touch the time of the last change of an inode, but never the content's.
  const same =
    before.modifiedNs === after.modifiedNs &&
    before.sizeBytes === after.sizeBytes &&
    before.sizeBytes === readBytes;
  if (same || (how === "reflink" && before.sizeBytes === readBytes)) return;
  throw new AprError("io", `changed while it was read: ${path}`, { fields: { code: "changed", path } });
}

async function resolveSource(store: Store, path: string): Promise<string> {
  try {
    return await store.world.files.realPath(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    throw new AprError("not-found", `no such file: ${path}`, { fields: { path }, cause: error });
  }
}

function notAFile(path: string): AprError {
  return new AprError("malformed", `not a regular file: ${path}`, { fields: { path } });
}

async function freshName(store: Store, work: Work): Promise<string> {
  for (let number = 0; ; number++) {
    const path = `${work.folder}/blob-${number}`;
    if ((await store.world.files.facts(path)) === null) return path;
  }
}
