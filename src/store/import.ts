import { AprError } from "../base/errors.ts";
import { type ModelSummary, writeConfig, writeManifest } from "./config.ts";
import { type Digest, digestOf } from "./digest.ts";
import { collect } from "./gc.ts";
import {
  type How,
  type Ingested,
  ingestBytes,
  ingestFile,
  type IngestOptions,
  ingestStream,
  placeStream,
} from "./ingest.ts";
import { uniqueBlobs } from "./list.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";
import { type Published, publishManifest, requireBlobs, tagExists } from "./publish.ts";
import { formatRef, type Ref } from "./ref.ts";
import { removeMade, type Store } from "./store.ts";
import { manifestDigest, readTag, type TagEntry } from "./tags.ts";
import { LeaseLost, type Work, withWork } from "./work.ts";

/** One file of a model. Titles are its names in the model's folder. */
export interface ModelPart {
  readonly path: string;
  readonly title: string;
  readonly mediaType: string;
}

export type ModelSource =
  | { readonly kind: "files"; readonly parts: readonly ModelPart[] }
  | { readonly kind: "stream"; readonly chunks: AsyncIterable<Uint8Array> };

/** Says what a model is, from its files. Throws `malformed` for what is no model. */
export type DescribeModel = (files: readonly { path: string; title: string }[]) => Promise<ModelSummary>;

export interface ImportRequest extends IngestOptions {
  readonly ref: Ref;
  readonly source: ModelSource;
  readonly describe: DescribeModel;
}

export interface Imported {
  readonly tag: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** One entry a file, in order. */
  readonly how: readonly How[];
  /** False when the tag was there already with the same content. */
  readonly created: boolean;
}

/** A lease that is lost this often in one import is lost on purpose. */
const MAX_TRIES = 3;

/** Brings a model in under a tag. On failure the store is as it was. */
export async function importModel(store: Store, request: ImportRequest): Promise<Imported> {
  const placed: Digest[] = [];
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await importOnce(store, request, placed);
      } catch (error) {
        // A stream cannot be read twice.
        if (!(error instanceof LeaseLost) || attempt === MAX_TRIES || request.source.kind === "stream")
          throw error;
      }
    }
  } catch (error) {
    await undo(store, placed);
    throw error;
  }
}

async function importOnce(store: Store, request: ImportRequest, placed: Digest[]): Promise<Imported> {
  const there = await readTag(store, request.ref);
  if (there !== null && !(await sameContent(store, request, there))) throw tagExists(request.ref);
  return withWork(store, async (work) => {
    const { summary, layers } = await bringIn(store, work, request, placed);
    const digests = layers.map(({ descriptor }) => descriptor.digest);
    const config = await ingestBytes(store, work, writeConfig(summary, digests));
    if (config.how !== "known") placed.push(config.digest);
    const all = [asDescriptor(config, MEDIA.config, null), ...layers.map(({ descriptor }) => descriptor)];
    const [first, ...rest] = all as [Descriptor, ...Descriptor[]];
    const bytes = writeManifest(first, rest);
    request.signal?.throwIfAborted();
    const published =
      there?.kind === "tag"
        ? await keep(store, work, there)
        : await publishManifest(store, work, request.ref, bytes, all, { signal: request.signal });
    return {
      tag: formatRef(request.ref),
      digest: manifestDigest(store, there?.kind === "tag" ? there.imageBytes : bytes),
      sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      how: layers.map(({ how }) => how),
      created: published === "published",
    };
  });
}

/** A tag that was there with the same files keeps its own manifest, also when it was removed in this moment. */
async function keep(store: Store, work: Work, there: TagEntry & { kind: "tag" }): Promise<Published> {
  if (there.form !== "classic" || there.bytes !== there.imageBytes) return "same";
  await work.name(there.named);
  return publishManifest(store, work, there.ref, there.bytes, uniqueBlobs(there.image));
}

interface Layer {
  readonly descriptor: Descriptor;
  readonly how: How;
}

async function bringIn(
  store: Store,
  work: Work,
  request: ImportRequest,
  placed: Digest[],
): Promise<{ readonly summary: ModelSummary; readonly layers: readonly Layer[] }> {
  const { source, describe } = request;
  const noted = (got: Ingested): Ingested => {
    if (got.how !== "known") placed.push(got.digest);
    return got;
  };
  if (source.kind === "stream") {
    const got = await ingestStream(store, work, source.chunks, request);
    // No name: there is none to tell.
    const summary = await describe([{ path: got.temp, title: "" }]);
    const done = noted(await placeStream(store, work, got));
    return { summary, layers: [{ descriptor: asDescriptor(done, MEDIA.model, null), how: done.how }] };
  }
  // Before anything is copied: 40 GB of something that is no model are refused at once.
  const summary = await describe(source.parts);
  const layers: Layer[] = [];
  for (const { path, title, mediaType } of source.parts) {
    const got = noted(await ingestFile(store, work, path, request));
    layers.push({ descriptor: asDescriptor(got, mediaType, title), how: got.how });
  }
  return { summary, layers };
}

function asDescriptor({ digest, sizeBytes }: Ingested, mediaType: string, title: string | null): Descriptor {
  return { mediaType, digest, sizeBytes, title };
}

/** True when the tag's layers are these very files: then importing them again is no conflict. */
async function sameContent(store: Store, request: ImportRequest, there: TagEntry): Promise<boolean> {
  const { source } = request;
  if (there.kind === "unreadable" || source.kind === "stream") return false;
  const { layers } = there.image;
  if (layers.length !== source.parts.length) return false;
  for (const [index, { path }] of source.parts.entries()) {
    const real = await realPathOrRefuse(store, path);
    if ((await store.world.files.facts(real))?.sizeBytes !== layers[index]?.sizeBytes) return false;
    const { hex } = await store.world.hash.file(
      real,
      request.signal === undefined ? {} : { signal: request.signal },
    );
    if (digestOf(hex) !== layers[index]?.digest) return false;
  }
  // Its config is not made again: without it the tag is damaged, and only its removal helps.
  if (there.image.config !== null) await requireBlobs(store, [there.image.config]);
  return true;
}

async function realPathOrRefuse(store: Store, path: string): Promise<string> {
  try {
    return await store.world.files.realPath(path);
  } catch (error) {
    throw new AprError("not-found", `no such file: ${path}`, { fields: { path }, cause: error });
  }
}

/** Deletes what this work alone brought in, by gc's own careful way, and the folders that were made for it. */
async function undo(store: Store, placed: readonly Digest[]): Promise<void> {
  try {
    if (placed.length > 0) await collect(store, { only: placed });
  } catch {
    // The next gc finds it; the first error is the one to tell.
  }
  await removeMade(store);
}
