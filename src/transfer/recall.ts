import { isJsonArray, isJsonObject, type JsonObject, parseJson, stringifyJson } from "../base/json.ts";
import { isDigest } from "../store/digest.ts";
import { MAX_MANIFEST_BYTES, MAX_MODEL_FILES } from "../store/limits.ts";
import { parseManifest } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import type { RemoteFile, Resolved } from "./remote.ts";

// What a transfer is about, kept beside its journal: so a transfer goes on from another source
// also when the one that said what the model is cannot be reached any more.

const FILE = "model.json";
/** A manifest in base64, and its frame. */
const MAX_BYTES = 2 * MAX_MANIFEST_BYTES;
const MAX_TEXT = 4096;

export async function remember(store: Store, folder: string, resolved: Resolved): Promise<void> {
  const document: JsonObject =
    resolved.kind === "image"
      ? {
          kind: "image",
          expected: resolved.expected,
          manifest: Buffer.from(resolved.bytes).toString("base64"),
        }
      : { kind: "files", files: resolved.files.map((file): JsonObject => ({ ...file })) };
  await store.world.files.writeAtomic(`${folder}/${FILE}`, stringifyJson(document));
}

/** Null for what is not there, or not sound. */
export async function recall(store: Store, folder: string): Promise<Resolved | null> {
  const read = await store.world.files.readSmall(`${folder}/${FILE}`, MAX_BYTES);
  if (read.kind !== "bytes") return null;
  try {
    const root = parseJson(Buffer.from(read.bytes).toString("utf8"));
    if (!isJsonObject(root)) return null;
    return root["kind"] === "image" ? imageOf(root) : filesOf(root);
  } catch {
    return null;
  }
}

function imageOf({ expected, manifest }: JsonObject): Resolved | null {
  if (!isDigest(expected) || typeof manifest !== "string") return null;
  const bytes = new Uint8Array(Buffer.from(manifest, "base64"));
  return parseManifest(bytes).kind === "manifest" ? { kind: "image", bytes, expected } : null;
}

function filesOf({ files }: JsonObject): Resolved | null {
  if (!isJsonArray(files) || files.length > MAX_MODEL_FILES) return null;
  const found: RemoteFile[] = [];
  for (const file of files) {
    if (!isJsonObject(file)) return null;
    const { title, mediaType, sizeBytes, digest, identity } = file;
    if (!isTitle(title) || !isShort(mediaType) || !isShort(identity)) return null;
    if (!(digest === null || isDigest(digest)) || !(sizeBytes === null || isSize(sizeBytes))) return null;
    found.push({ title, mediaType, sizeBytes, digest, identity });
  }
  return found.length === 0 ? null : { kind: "files", files: found };
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A title is a relative path without steps upwards. */
function isTitle(value: unknown): value is string {
  return isShort(value) && value.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
