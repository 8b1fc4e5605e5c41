import { AprError } from "../../base/errors.ts";
import { inspectFolder } from "../../model/folder.ts";
import type { OpenSource } from "../../model/folder-source.ts";
import { sourceOfFile } from "../../model/source.ts";
import { requireTag } from "../../store/copy-tag.ts";
import { blobPath } from "../../store/layout.ts";
import { type Descriptor, MEDIA } from "../../store/manifest.ts";
import { requireBlobs } from "../../store/publish.ts";
import { formatRef, type Ref } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { type Inspected, inspectOpen, refusalError } from "./path.ts";

/** A tag's model: its files by name, as blobs. */
export interface TaggedModel {
  readonly store: Store;
  readonly tag: string;
  /** In the manifest's order; at least one. */
  readonly layers: readonly Descriptor[];
  readonly paths: readonly string[];
}

const WEIGHTS = /\.(?:gguf|safetensors)$/i;
const GGUF = /\.gguf$/i;

/** The blobs that hold a tag's model. Throws `not-found` for a tag or a blob that is not there. */
export async function modelOfTag(store: Store, ref: Ref): Promise<TaggedModel> {
  const { image } = await requireTag(store, ref);
  const tag = formatRef(ref);
  const layers = modelLayers(image.layers);
  if (layers.length === 0) {
    throw new AprError("malformed", `the manifest of ${tag} names no model`, {
      fields: { code: "empty-manifest", tag },
    });
  }
  await requireBlobs(store, layers);
  return { store, tag, layers, paths: layers.map(({ digest }) => blobPath(store.root, digest)) };
}

/** Inspects a tag's model: one file, or its files by the names that they had. */
export async function inspectTag(
  { store, tag, layers, paths }: TaggedModel,
  options: { readonly tensors: boolean },
): Promise<Inspected> {
  const [first = ""] = paths;
  // Each shard of GGUF has a header of its own, and the first one describes the model: a note says that it is one of several.
  if (layers.length === 1 || layers.every(({ title }) => GGUF.test(title ?? ""))) {
    const open = await openBlob(store, first);
    if (open === null) throw new AprError("malformed", `${tag}: ${first}: not a regular file`);
    return inspectOpen(`${tag}: ${first}`, open);
  }
  const byName = new Map(layers.map(({ title }, index) => [title ?? "", paths[index] ?? ""]));
  const outcome = await inspectFolder(
    { names: [...byName.keys()].sort(), open: (name) => openBlob(store, byName.get(name)) },
    options,
  );
  if (outcome.kind === "refused") throw refusalError(tag, outcome);
  return outcome;
}

/** The one file of weights; or, of a model in several files, all of them: config and index are part of it. */
function modelLayers(layers: readonly Descriptor[]): readonly Descriptor[] {
  const models = layers.filter(({ mediaType }) => mediaType === MEDIA.model);
  if (models.length <= 1) return models.length === 1 ? models : layers.slice(0, layers.length === 1 ? 1 : 0);
  const weights = models.filter(({ title }) => WEIGHTS.test(title ?? ""));
  const named = layers.every(({ title }) => title !== null);
  if (!named) return models;
  return weights.length === layers.length ? weights : layers;
}

async function openBlob(store: Store, path: string | undefined): Promise<OpenSource | null> {
  if (path === undefined) return null;
  const file = await store.world.files.openRead(path);
  const { kind, sizeBytes } = await file.facts();
  if (kind === "file") return { source: sourceOfFile(file, sizeBytes), close: () => file.close() };
  await file.close();
  return null;
}
