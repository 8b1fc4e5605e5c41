import { AprError } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, parseJson } from "../../base/json.ts";
import { type Digest, digestOf, hexOf, isDigest } from "../../store/digest.ts";
import { MAX_MANIFEST_BYTES } from "../../store/limits.ts";
import { utf8 } from "../../store/manifest.ts";
import type { Remote } from "../remote.ts";
import { localBlob } from "./local-blob.ts";
import type { LocalPlace } from "./local-files.ts";
import { shown } from "./reference-kinds.ts";

/** `oci-layout` holds one version number. */
const MAX_MARK_BYTES = 4096;
const REF_NAME = "org.opencontainers.image.ref.name";
const INDEX_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);
/** Layouts that are caches hold many images. */
const MAX_ENTRIES = 10_000;
/** An index may name one more index: nobody nests deeper. */
const MAX_DEPTH = 2;

export interface LayoutPlace extends LocalPlace {
  /** Null takes the only image. */
  readonly image: string | null;
}

interface Entry {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly isIndex: boolean;
  readonly name: string | null;
}

/** A folder in the OCI image layout. Nothing in it is followed: neither a link nor a path from its JSON. */
export function layoutRemote(place: LayoutPlace): Remote {
  return {
    name: place.name,
    tag: place.tag,
    async resolve(signal) {
      signal.throwIfAborted();
      await requireLayout(place);
      const top = await readBounded(place, `${place.path}/index.json`, MAX_MANIFEST_BYTES);
      let entry = chosen(place, entriesOf(place, top), place.image);
      for (let depth = 0; entry.isIndex; depth++) {
        if (depth === MAX_DEPTH) throw malformed(place, "its indexes are nested too deep");
        entry = chosen(place, entriesOf(place, await readEntry(place, entry)), null);
      }
      return { kind: "image", bytes: await readEntry(place, entry), expected: entry.digest };
    },
    async blob({ digest, sizeBytes }, signal) {
      signal.throwIfAborted();
      if (digest === null) return null;
      await requireLayout(place);
      const { world, name } = place;
      const path = blobPath(place, digest);
      const facts = await world.files.facts(path);
      if (facts?.kind !== "file" || (sizeBytes !== null && facts.sizeBytes !== sizeBytes)) return null;
      return localBlob({ files: world.files, path, name });
    },
  };
}

/** True for a folder that says it is a layout. */
export async function isLayout({ world, path }: Pick<LocalPlace, "world" | "path">): Promise<boolean> {
  return (await world.files.facts(`${path}/oci-layout`))?.kind === "file";
}

async function requireLayout(place: LayoutPlace): Promise<void> {
  if (!(await isLayout(place))) {
    throw new AprError("not-found", `not an OCI layout: ${place.name}`, {
      hint: "such a folder holds a file oci-layout and an index.json",
      fields: { path: place.path },
    });
  }
  const mark = parsed(place, await readBounded(place, `${place.path}/oci-layout`, MAX_MARK_BYTES));
  if (
    !isJsonObject(mark) ||
    typeof mark["imageLayoutVersion"] !== "string" ||
    !mark["imageLayoutVersion"].startsWith("1.")
  ) {
    throw malformed(place, "its layout has an unknown version");
  }
  for (const folder of ["blobs", "blobs/sha256"]) {
    const kind = (await place.world.files.facts(`${place.path}/${folder}`))?.kind;
    if (kind !== "folder") throw malformed(place, `${folder} is not a folder of its own`);
  }
}

/** A manifest or an index, as its digest says it is. */
async function readEntry(place: LayoutPlace, { digest, sizeBytes }: Entry): Promise<Uint8Array> {
  const bytes = await readBounded(place, blobPath(place, digest), MAX_MANIFEST_BYTES);
  if (bytes.length !== sizeBytes) throw malformed(place, `${digest} has another size than its index says`);
  const hasher = place.world.hash.sha256();
  hasher.update(bytes);
  if (digestOf(hasher.hex()) === digest) return bytes;
  throw malformed(place, `${digest} does not match its digest`);
}

function entriesOf(place: LayoutPlace, bytes: Uint8Array): readonly Entry[] {
  const root = parsed(place, bytes);
  const list = isJsonObject(root) ? root["manifests"] : undefined;
  if (!isJsonArray(list)) throw malformed(place, "its index names no manifests");
  if (list.length > MAX_ENTRIES) throw malformed(place, "its index is too long");
  return list.map((item) => asEntry(place, item));
}

function asEntry(place: LayoutPlace, item: Json): Entry {
  if (!isJsonObject(item)) throw malformed(place, "its index is damaged");
  const { digest, size, mediaType, annotations } = item;
  if (!isDigest(digest) || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw malformed(place, "its index names something without a sha256 digest or a size");
  const name = isJsonObject(annotations) ? annotations[REF_NAME] : undefined;
  return {
    digest,
    sizeBytes: size,
    isIndex: typeof mediaType === "string" && INDEX_TYPES.has(mediaType),
    name: typeof name === "string" ? name : null,
  };
}

/** How many names an error lists. */
const MAX_LISTED = 5;

function chosen(place: LayoutPlace, entries: readonly Entry[], image: string | null): Entry {
  const named = image === null ? entries : entries.filter(({ name }) => name === image);
  const [first] = named;
  if (first !== undefined && named.every(({ digest }) => digest === first.digest)) return first;
  const names = entries.flatMap(({ name }) => (name === null ? [] : [shown(name)]));
  const some = names.slice(0, MAX_LISTED).join(", ");
  const hint = some === "" ? "it names its images by no tag" : `oci:PATH:TAG; it has ${some}`;
  const fields = { code: first === undefined ? "no-such-image" : "several-images", path: place.path };
  if (first !== undefined) throw new AprError("usage", `several images in ${place.name}`, { hint, fields });
  const what = image === null ? "no image" : `no image ${shown(image)}`;
  throw new AprError("not-found", `${what} in ${place.path}`, { hint, fields });
}

/** From a checked digest alone. */
function blobPath(place: LayoutPlace, digest: Digest): string {
  return `${place.path}/blobs/sha256/${hexOf(digest)}`;
}

async function readBounded(place: LayoutPlace, path: string, maxBytes: number): Promise<Uint8Array> {
  const read = await place.world.files.readSmall(path, maxBytes);
  if (read.kind === "bytes") return read.bytes;
  const relative = path.slice(place.path.length + 1);
  if (read.kind === "absent") throw malformed(place, `${relative} is missing`);
  const why = {
    link: "a symbolic link",
    "too-large": `larger than ${maxBytes} bytes`,
    "not-a-file": "not a file",
  };
  throw malformed(place, `${relative} is ${why[read.why]}`);
}

function parsed(place: LayoutPlace, bytes: Uint8Array): Json {
  try {
    return parseJson(utf8(bytes));
  } catch (error) {
    throw malformed(place, "it holds damaged JSON", error);
  }
}

function malformed(place: LayoutPlace, why: string, cause?: unknown): AprError {
  return new AprError("malformed", `damaged OCI layout ${place.path}: ${why}`, {
    fields: { code: "bad-layout", path: place.path },
    cause,
  });
}
