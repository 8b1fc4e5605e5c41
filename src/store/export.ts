import { AprError, systemCode } from "../base/errors.ts";
import { requireBlobs } from "./publish.ts";
import { requireTag } from "./copy-tag.ts";
import { copyHashing, type CopyOptions } from "./copy-bytes.ts";
import { digestOf } from "./digest.ts";
import { type ExportFormat, type PlannedFile, planExport } from "./export-plan.ts";
import { type How, reserveOrRefuse } from "./ingest.ts";
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
  const base = out.slice(parentOf(out).length + 1);
  const temp = `${parentOf(out)}/.${base.slice(0, 100)}.${Buffer.from(random.bytes(6)).toString("hex")}.apr-tmp`;
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
    request.signal?.throwIfAborted();
    await giveName(store, temp, out, format === "file", request.force === true);
    await settle(store, out, request);
  } finally {
    await files.remove(temp);
  }
  return { tag: formatRef(request.ref), path: out, format, files: plan.length, sizeBytes, how };
}

async function targetOf(
  store: Store,
  { out, force }: ExportRequest,
  format: ExportFormat,
  plan: readonly PlannedFile[],
): Promise<string> {
  const { files } = store.world;
  let target = out;
  const facts = await files.facts(out);
  // A folder that is there takes a single file under its own name, as with cp.
  if (format === "file" && facts?.kind === "folder") target = `${out}/${plan[0]?.path ?? "model"}`;
  if (!force && (await files.facts(target)) !== null) throw outputExists(target);
  const parent = await files.facts(await realOr(store, parentOf(target)));
  if (parent?.kind === "folder") return target;
  throw new AprError("not-found", `no such folder: ${parentOf(target)}`, {
    fields: { path: parentOf(target) },
  });
}

async function realOr(store: Store, path: string): Promise<string> {
  return store.world.files.realPath(path).catch(() => path);
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

/** By shared blocks, by a hard link where it was asked for, or by a copy that is checked while it is made. */
async function placeCopy(store: Store, blob: Descriptor, path: string, options: ExportRequest): Promise<How> {
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

async function giveName(
  store: Store,
  temp: string,
  out: string,
  isFile: boolean,
  force: boolean,
): Promise<void> {
  const { files } = store.world;
  if (force) return replace(store, temp, out, isFile);
  const outcome = isFile ? await files.link(temp, out) : "unsupported";
  if (outcome === "linked") return;
  // Folders, and file systems without hard links: nothing can be replaced but an empty folder.
  if (outcome === "exists" || (await files.facts(out)) !== null) throw outputExists(out);
  try {
    await files.move(temp, out);
  } catch (error) {
    const code = systemCode(error);
    throw code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR" ? outputExists(out) : error;
  }
}

/** Makes the new name durable. Until then Ctrl-C or an error still take it back; what `--force` replaced is gone. */
async function settle(store: Store, out: string, { force, signal }: ExportRequest): Promise<void> {
  try {
    await store.world.files.syncFolder(parentOf(out));
    if (force !== true) signal?.throwIfAborted();
  } catch (error) {
    if (force !== true) await store.world.files.remove(out);
    throw error;
  }
}

async function replace(store: Store, temp: string, out: string, isFile: boolean): Promise<void> {
  const { files } = store.world;
  const before = await files.facts(out);
  if (before === null || (isFile && before.kind !== "folder")) {
    await files.move(temp, out);
    return;
  }
  if (isFile) throw outputExists(out);
  // A folder cannot be replaced in one step: the old one is set aside until the new one has its name.
  const aside = `${temp}-old`;
  await files.move(out, aside);
  try {
    await files.move(temp, out);
  } catch (error) {
    await files.move(aside, out);
    throw error;
  }
  await files.remove(aside);
}

function outputExists(path: string): AprError {
  return new AprError("exists", `the output exists: ${path}`, {
    hint: "use --force to replace it",
    fields: { code: "destination-exists", path },
  });
}
