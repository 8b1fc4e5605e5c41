import { AprError } from "../base/errors.ts";
import { hexOf } from "./digest.ts";
import { blobName } from "./layout.ts";
import { uniqueBlobs } from "./list.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";
import { formatRef } from "./ref.ts";
import type { Store } from "./store.ts";
import { type ImageManifest, manifestDigest, type TagEntry } from "./tags.ts";

/** `file`: the one file of the model; `dir`: its files by name; `oci`: an image layout; `ollama`: a store of one tag. */
export type ExportFormat = "file" | "dir" | "oci" | "ollama";

export type PlannedFile =
  | { readonly kind: "blob"; readonly path: string; readonly blob: Descriptor }
  | { readonly kind: "bytes"; readonly path: string; readonly bytes: Uint8Array };

/** Every name that a file can have here, so that whatever can be imported can be exported. */
const SAFE_PART = /^(?!\.{1,2}$)[^/\0]+$/;
const MAX_PART_BYTES = 255;

/** Every file of an export, by its path in it. Throws `malformed` where the manifest gives no safe names. */
export function planExport(
  store: Store,
  entry: TagEntry & { readonly kind: "tag" },
  format: ExportFormat,
): readonly PlannedFile[] {
  if (entry.image.layers.length === 0) {
    throw new AprError("malformed", `the manifest of ${formatRef(entry.ref)} names no layer`, {
      fields: { code: "empty-manifest", tag: formatRef(entry.ref) },
    });
  }
  switch (format) {
    case "file":
      return [single(entry.image, entry.ref.name)];
    case "dir":
      return byName(entry.image, entry.ref.name);
    case "oci":
      return ociLayout(store, entry);
    case "ollama":
      return ollamaStore(entry);
  }
}

/** Ollama's own models have a template and a licence beside their one file of weights. */
function single(image: ImageManifest, name: string): PlannedFile {
  const weights = image.layers.filter(({ mediaType }) => mediaType === MEDIA.model);
  const [blob] = weights.length === 1 ? weights : image.layers.length === 1 ? image.layers : [];
  if (blob === undefined) {
    throw new AprError("usage", "the model is more than one file", { hint: "use --format dir" });
  }
  return { kind: "blob", path: fileName(blob, name, 0), blob };
}

function byName(image: ImageManifest, name: string): PlannedFile[] {
  const taken = new Set<string>();
  const folders = new Set<string>();
  const planned = image.layers.map((blob, index): PlannedFile => {
    const path = fileName(blob, name, index);
    if (taken.has(path)) throw new AprError("malformed", `two files of the model have one name: ${path}`);
    taken.add(path);
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      folders.add(path.slice(0, cut));
    }
    return { kind: "blob", path, blob };
  });
  const both = [...taken].find((path) => folders.has(path));
  if (both === undefined) return planned;
  throw new AprError("malformed", `a file and a folder of the model have one name: ${both}`);
}

function fileName({ title, mediaType }: Descriptor, name: string, index: number): string {
  if (title === null) {
    const kind = mediaType.split(".").at(-1) ?? "blob";
    return index === 0 ? `${name}.gguf` : `${name}.${index}.${kind.replace(/[^A-Za-z0-9]/g, "")}`;
  }
  const isSafe = (part: string): boolean =>
    SAFE_PART.test(part) && new TextEncoder().encode(part).length <= MAX_PART_BYTES;
  if (title.split("/").every(isSafe)) return title;
  throw new AprError("malformed", `unsafe file name in the manifest: ${JSON.stringify(title)}`, {
    fields: { code: "unsafe-name" },
  });
}

function ociLayout(store: Store, { image, imageBytes, ref }: TagEntry & { kind: "tag" }): PlannedFile[] {
  const digest = manifestDigest(store, imageBytes);
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        mediaType: MEDIA.ociManifest,
        digest,
        size: imageBytes.length,
        annotations: { "org.opencontainers.image.ref.name": ref.tag },
      },
    ],
  };
  return [
    ...uniqueBlobs(image).map(
      (blob): PlannedFile => ({ kind: "blob", path: `blobs/sha256/${hexOf(blob.digest)}`, blob }),
    ),
    { kind: "bytes", path: `blobs/sha256/${hexOf(digest)}`, bytes: imageBytes },
    { kind: "bytes", path: "oci-layout", bytes: text({ imageLayoutVersion: "1.0.0" }) },
    { kind: "bytes", path: "index.json", bytes: text(index) },
  ];
}

function ollamaStore({ image, imageBytes, ref }: TagEntry & { kind: "tag" }): PlannedFile[] {
  const path = `manifests/${ref.host}/${ref.namespace}/${ref.name}/${ref.tag}`;
  return [
    ...uniqueBlobs(image).map(
      (blob): PlannedFile => ({ kind: "blob", path: `blobs/${blobName(blob.digest)}`, blob }),
    ),
    { kind: "bytes", path, bytes: imageBytes },
  ];
}

function text(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
