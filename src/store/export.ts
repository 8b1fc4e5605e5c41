import { AprError, systemCode } from "../base/errors.ts";
import { requireBlobs } from "./publish.ts";
import { requireTag } from "./copy-tag.ts";
import { copyHashing, type CopyOptions } from "./copy-bytes.ts";
import { digestOf } from "./digest.ts";
import { giveName, settle, targetOf, tempBeside } from "./export-name.ts";
import { type ExportFormat, type PlannedFile, planExport } from "./export-plan.ts";
import type { How } from "./ingest.ts";
import { reserveOrRefuse } from "./room.ts";
import { blobPath, parentOf } from "./layout.ts";
import type { Descriptor } from "./manifest.ts";
import { formatRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";

export interface ExportRequest extends CopyOptions {
  readonly ref: Ref;
  readonly out: string;
  readonly format?: ExportFormat | undefined;
  readonly force?: boolean;
  /** A hard link will do: the exported file and the blob are then one. */
  readonly link?: boolean;
}

export interface Exported {
  readonly tag: string;
  readonly path: string;
  readonly format: ExportFormat;
  readonly files: number;
  readonly sizeBytes: number;
  readonly how: readonly How[];
}

const FILE_MODE = 0o644;
/** How often a blob is looked for that goes away just before it is opened. */
const MAX_LOOKS = 4;

/** Writes a model beside its final name, checks and syncs it, and only then gives it that name. */
export async function exportTag(store: Store, request: ExportRequest): Promise<Exported> {
  const { files, random } = store.world;
  const entry = await requireTag(store, request.ref);
  const format = request.format ?? (entry.image.layers.length === 1 ? "file" : "dir");
  const plan = planExport(store, entry, format);
  const out = await targetOf(store, request, format, plan);
  await requireBlobs(
    store,
    plan.flatMap((file) => (file.kind === "blob" ? [file.blob] : [])),
  );
  const temp = tempBeside(out, Buffer.from(random.bytes(6)).toString("hex"));
  const how: How[] = [];
  let sizeBytes = 0;
  try {
    if (format !== "file" && !(await files.makeOneFolder(temp))) throw new Error(`${temp} is there already`);
    for (const file of plan) {
      request.signal?.throwIfAborted();
      const path = format === "file" ? temp : await pathIn(store, temp, file.path);
      if (file.kind === "blob") how.push(await placeCopy(store, file.blob, path, request));
      else await writeText(store, path, file.bytes);
      sizeBytes += file.kind === "blob" ? file.blob.sizeBytes : file.bytes.length;
    }
    if (format !== "file") await syncFolders(store, temp, plan);
    request.signal?.throwIfAborted();
    const given = await giveName(store, temp, out, format === "file", request.force === true);
    await settle(store, out, { signal: request.signal, replaced: given === "replaced" });
  } finally {
    await files.remove(temp);
  }
  return { tag: formatRef(request.ref), path: out, format, files: plan.length, sizeBytes, how };
}

async function pathIn(store: Store, root: string, path: string): Promise<string> {
  const parts = path.split("/");
  let at = root;
  for (const part of parts.slice(0, -1)) {
    at = `${at}/${part}`;
    await store.world.files.makeOneFolder(at);
  }
  return `${root}/${path}`;
}

/** Their names must be on the medium before the folder gets its own. */
async function syncFolders(store: Store, root: string, plan: readonly PlannedFile[]): Promise<void> {
  const folders = new Set([root]);
  for (const { path } of plan) {
    for (let at = parentOf(`${root}/${path}`); at.length > root.length; at = parentOf(at)) folders.add(at);
  }
  for (const folder of folders) await store.world.files.syncFolder(folder);
}

/** A collector may have the blob in quarantine for a moment, or the tag may have been removed. */
async function placeCopy(store: Store, blob: Descriptor, path: string, options: ExportRequest): Promise<How> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await placeOnce(store, blob, path, options);
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === MAX_LOOKS) throw error;
      await requireBlobs(store, [blob]);
    }
  }
}

/** By shared blocks, by a hard link where it was asked for, or by a copy that is checked while it is made. */
async function placeOnce(store: Store, blob: Descriptor, path: string, options: ExportRequest): Promise<How> {
  const { files } = store.world;
  const source = blobPath(store.root, blob.digest);
  if (options.link === true && (await files.link(source, path)) === "linked") return "link";
  if (await files.reflink(source, path)) {
    await files.setMode(path, FILE_MODE);
    const file = await files.openRead(path);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    return "reflink";
  }
  await copyBlob(store, blob, source, path, options);
  return "copy";
}

async function copyBlob(
  store: Store,
  blob: Descriptor,
  source: string,
  path: string,
  options: CopyOptions,
): Promise<void> {
  const { files } = store.world;
  const from = await files.openRead(source);
  try {
    const to = await files.createNew(path, FILE_MODE);
    try {
      await reserveOrRefuse(store, to, path, blob.sizeBytes);
      const copied = await copyHashing(store.world, from, { file: to, path }, options);
      if (digestOf(copied.hex) !== blob.digest) {
        throw new AprError("malformed", `the store's blob has wrong bytes: ${blob.digest}`, {
          hint: "apr verify --repair can take good ones from elsewhere",
          fields: { code: "wrong-bytes", digest: blob.digest },
        });
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

async function writeText(store: Store, path: string, bytes: Uint8Array): Promise<void> {
  const file = await store.world.files.createNew(path, FILE_MODE);
  try {
    await file.writeAt(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
