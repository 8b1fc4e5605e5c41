import type { FileFacts } from "../world/files.ts";
import { type Digest, digestOf, digestOfBlobName } from "./digest.ts";
import {
  ingestFolder,
  manifestPath,
  manifestsFolder,
  MANIFESTS_V2,
  manifestV2Path,
  quarantineFolder,
  workNameOf,
} from "./layout.ts";
import { MAX_FOLDER_ENTRIES } from "./limits.ts";
import { type Manifest, namedBy, parseManifest } from "./manifest.ts";
import { entriesOrWhy, readManifestBlob, readOrWhy } from "./read-manifest.ts";
import { isSafeRef, type Ref } from "./ref.ts";
import type { Store } from "./store.ts";

export type ImageManifest = Manifest & { readonly kind: "image" };

/** What lies at a tag's path. */
export type TagEntry =
  | {
      readonly kind: "tag";
      readonly ref: Ref;
      /** `v2`: newer Ollama's link to a manifest blob. */
      readonly form: "classic" | "v2";
      /** The manifest, byte for byte. */
      readonly bytes: Uint8Array;
      readonly image: ImageManifest;
      /** The image manifest's own bytes: the same, unless the tag is a list of manifests. */
      readonly imageBytes: Uint8Array;
      /** Every digest that must stay while this tag is there. */
      readonly named: readonly Digest[];
      readonly writtenNs: bigint;
    }
  | { readonly kind: "unreadable"; readonly path: string; readonly ref: Ref | null; readonly why: string };

/** Every manifest of the store, the unreadable ones too, in no order. */
export async function* eachTag(store: Store): AsyncGenerator<TagEntry> {
  const tops = [
    { folder: manifestsFolder(store.root), form: "classic", parts: [] },
    { folder: `${store.root}/${MANIFESTS_V2}`, form: "v2", parts: [] },
  ] as const;
  for (const top of tops) {
    // A stack, not one generator inside the other: each level would cost every entry one more turn.
    const waiting: Place[] = [top];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      for (const entry of await look(store, place, waiting)) yield entry;
    }
  }
}

/** A folder of manifests, or one above it. */
interface Place {
  readonly folder: string;
  readonly form: "classic" | "v2";
  /** Names from the top: host, namespace, name. */
  readonly parts: readonly string[];
}

/** One tag; null when there is none. */
export async function readTag(store: Store, ref: Ref): Promise<TagEntry | null> {
  const classic = manifestPath(store.root, ref);
  const why = await parentsOf(store, classic);
  if (typeof why === "string") return { kind: "unreadable", path: classic, ref, why };
  const found = why.there ? await readClassic(store, classic, ref) : null;
  if (found !== null) return found;
  const v2 = manifestV2Path(store.root, ref);
  const strange = await parentsOf(store, v2);
  if (typeof strange === "string") return { kind: "unreadable", path: v2, ref, why: strange };
  if (!strange.there) return null;
  return (await store.world.files.facts(v2)) === null ? null : readV2(store, v2, ref);
}

/** What a folder holds: entries at the lowest level, more folders to look into above it. */
async function look(store: Store, { folder, form, parts }: Place, waiting: Place[]): Promise<TagEntry[]> {
  const found: TagEntry[] = [];
  const [host = "", namespace = "", model = ""] = parts;
  const entries = await entriesOrWhy(store, folder);
  if (typeof entries === "string") return [{ kind: "unreadable", path: folder, ref: null, why: entries }];
  for (const { name, kind } of entries) {
    const path = `${folder}/${name}`;
    if (parts.length < 3) {
      if (kind === "folder") waiting.push({ folder: path, form, parts: [...parts, name] });
      // Files between the folders, such as .DS_Store, name nothing; a link may lead to manifests.
      else if (kind !== "file")
        found.push({ kind: "unreadable", path, ref: null, why: "not a folder of its own" });
      continue;
    }
    const ref: Ref = { host, namespace, name: model, tag: name };
    if (!isSafeRef(ref)) found.push({ kind: "unreadable", path, ref: null, why: "its name is not a tag" });
    else {
      const entry = form === "v2" ? await readV2(store, path, ref) : await readClassic(store, path, ref);
      if (entry !== null) found.push(entry);
    }
  }
  return found;
}

async function readClassic(store: Store, path: string, ref: Ref): Promise<TagEntry | null> {
  for (let looks = 1; ; looks++) {
    const read = await readOrWhy(store, path);
    if (typeof read === "string") return { kind: "unreadable", path, ref, why: read };
    if (read.kind === "absent") return null;
    if (read.kind === "refused") return { kind: "unreadable", path, ref, why: WORDS[read.why] };
    if (read.facts.links === 1) return understand(store, path, ref, "classic", read.bytes, read.facts);
    const links = await ownLinks(store, read.facts);
    if (links + 1 === read.facts.links)
      return understand(store, path, ref, "classic", read.bytes, read.facts);
    // It may be in the middle of being published: then its count has changed by now.
    const now = await store.world.files.facts(path);
    if (now?.inode === read.facts.inode && now.links === read.facts.links && looks >= MIN_LOOKS) {
      return { kind: "unreadable", path, ref, why: "a hard link to a file elsewhere" };
    }
  }
}

/** A publisher or a collector may be moving the other name just now. */
const MIN_LOOKS = 3;

const WORDS = {
  link: "a symbolic link",
  "too-large": "larger than 4 MiB",
  "not-a-file": "not a regular file",
} as const;

/**
 * A manifest is published as a second name of a file in `ingest/`. Work that was killed may leave that first name,
 * and a collector moves dead work to quarantine: in this order, so that it is seen in one of them.
 */
async function ownLinks(store: Store, facts: FileFacts): Promise<number> {
  const { files } = store.world;
  const found = new Set<string>();
  const [ingest, quarantine] = [ingestFolder(store.root), quarantineFolder(store.root)];
  for (const folder of [ingest, quarantine]) {
    for (const { name, kind } of (await files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
      if (kind !== "folder") continue;
      const other = await files.facts(`${folder}/${name}/manifest`);
      if (other?.inode === facts.inode && other.device === facts.device) {
        found.add(folder === quarantine ? workNameOf(name) : name);
      }
    }
  }
  return found.size;
}

/** The link's text alone says which blob it is: nothing is followed. */
async function readV2(store: Store, path: string, ref: Ref): Promise<TagEntry> {
  const { files } = store.world;
  const facts = await files.facts(path);
  if (facts?.kind !== "link") return { kind: "unreadable", path, ref, why: "not a link to a manifest blob" };
  const [folder, name = ""] = (await files.readLink(path)).split("/").slice(-2);
  const digest = digestOfBlobName(name);
  if (folder !== "blobs" || digest === null) {
    return { kind: "unreadable", path, ref, why: "not a link to a manifest blob" };
  }
  const read = await readManifestBlob(store, digest);
  if (typeof read === "string" || read.kind !== "bytes")
    return { kind: "unreadable", path, ref, why: "its manifest blob cannot be read" };
  const entry = await understand(store, path, ref, "v2", read.bytes, facts);
  return entry.kind === "tag" ? { ...entry, named: [digest, ...entry.named] } : entry;
}

async function understand(
  store: Store,
  path: string,
  ref: Ref,
  form: "classic" | "v2",
  bytes: Uint8Array,
  facts: FileFacts,
): Promise<TagEntry> {
  const outcome = parseManifest(bytes);
  if (outcome.kind === "unreadable") return { kind: "unreadable", path, ref, why: outcome.why };
  const { manifest } = outcome;
  const writtenNs = facts.modifiedNs;
  if (manifest.kind === "image") {
    const named = namedBy(manifest);
    return { kind: "tag", ref, form, bytes, writtenNs, image: manifest, imageBytes: bytes, named };
  }
  const named = new Set(namedBy(manifest));
  let first: { readonly image: ImageManifest; readonly imageBytes: Uint8Array } | null = null;
  for (const { digest } of manifest.manifests) {
    const read = await readManifestBlob(store, digest);
    const bytesRead = typeof read !== "string" && read.kind === "bytes" ? read.bytes : null;
    const inner = bytesRead === null ? null : parseManifest(bytesRead);
    // What such a manifest names is unknown: nothing may be deleted on its account.
    if (bytesRead === null || inner?.kind !== "manifest" || inner.manifest.kind !== "image") {
      return { kind: "unreadable", path, ref, why: `${digest}, a manifest of its list, cannot be read` };
    }
    first ??= { image: inner.manifest, imageBytes: bytesRead };
    for (const each of namedBy(inner.manifest)) named.add(each);
  }
  if (first === null) return { kind: "unreadable", path, ref, why: "its list of manifests is empty" };
  return { kind: "tag", ref, form, bytes, writtenNs, ...first, named: [...named] };
}

/** A link among the folders above a manifest would lead elsewhere: says so, or null. */
export async function strangeParent(store: Store, path: string): Promise<string | null> {
  const parents = await parentsOf(store, path);
  return typeof parents === "string" ? parents : null;
}

const THERE = { there: true };
const NOT_THERE = { there: false };

/** Whether all folders above a manifest are there; what is wrong with one. */
async function parentsOf(store: Store, path: string): Promise<string | { readonly there: boolean }> {
  const from = store.root.length + 1;
  for (let end = path.indexOf("/", from); end !== -1; end = path.indexOf("/", end + 1)) {
    const facts = await store.world.files.facts(path.slice(0, end));
    if (facts === null) return NOT_THERE;
    if (facts.kind !== "folder") return `${path.slice(from, end)} is not a folder of its own`;
  }
  return THERE;
}

/** The manifest's own digest: what `apr ls` shows. */
export function manifestDigest(store: Store, bytes: Uint8Array): Digest {
  const hasher = store.world.hash.sha256();
  hasher.update(bytes);
  return digestOf(hasher.hex());
}
