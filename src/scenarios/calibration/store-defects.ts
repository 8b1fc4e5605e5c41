import { type JsonObject, isJsonArray, isJsonObject, parseJson, stringifyJson } from "../../base/json.ts";
import type { StoreSignal } from "../../evidence/dependence.ts";
import { blobsFolder, manifestsFolder } from "../../store/layout.ts";
import type { Files } from "../../world/files.ts";
import { type Chance, drawn, otherThan } from "./story.ts";

/** A store that lies still, for whoever damages it. */
export interface Resting {
  readonly files: Files;
  /** Every blob's path. */
  readonly blobs: readonly string[];
  /** Every tag's manifest. */
  readonly manifests: readonly string[];
}

/** Damage that a store could suffer. */
export interface StoreDefect {
  /** Words with hyphens, unique. */
  readonly name: string;
  /** The problem of `apr verify` that it is. */
  readonly of: StoreSignal;
  readonly about: string;
  /** Does the damage at a place that chance draws; false when the store has none. */
  readonly plant: (store: Resting, chance: Chance) => Promise<boolean>;
}

const PAGE_BYTES = 4096;
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Everything that a store names. Throws Error where it has more than a simulated one can have. */
export async function restingStore(files: Files, root: string): Promise<Resting> {
  const blobs = await files.list(blobsFolder(root));
  return {
    files,
    blobs: blobs.map((name) => `${blobsFolder(root)}/${name}`),
    manifests: await filesBelow(files, manifestsFolder(root)),
  };
}

async function filesBelow(files: Files, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await files.list(folder)) {
    const path = `${folder}/${name}`;
    if ((await files.facts(path))?.kind === "folder") found.push(...(await filesBelow(files, path)));
    else found.push(path);
  }
  return found;
}

type Act = (files: Files, path: string, sizeBytes: number, chance: Chance) => Promise<boolean>;

function toOne(which: "blobs" | "manifests", act: Act): StoreDefect["plant"] {
  return async ({ files, ...all }, chance) => {
    const path = drawn(chance, all[which]);
    const facts = path === undefined ? null : await files.facts(path);
    return path !== undefined && facts !== null && act(files, path, facts.sizeBytes, chance);
  };
}

/** From 0 up to and without `count`, which may be more than chance draws at once. */
function place(chance: Chance, count: number): number {
  return Math.min(count - 1, Math.floor((count * chance.below(1 << 20)) / (1 << 20)));
}

const flipBit: Act = async (files, path, sizeBytes, chance) => {
  const at = place(chance, sizeBytes);
  const byte = new Uint8Array(1);
  await changeAt(files, path, at, byte, () => {
    byte[0] = (byte[0] ?? 0) ^ (1 << chance.below(8));
  });
  return true;
};

const losePage: Act = async (files, path, sizeBytes, chance) => {
  const page = place(chance, Math.ceil(sizeBytes / PAGE_BYTES)) * PAGE_BYTES;
  const bytes = new Uint8Array(Math.min(PAGE_BYTES, sizeBytes - page));
  let changed = false;
  await changeAt(files, path, page, bytes, () => {
    changed = bytes.some((byte) => byte !== 0);
    bytes.fill(0);
  });
  return changed;
};

async function changeAt(
  files: Files,
  path: string,
  at: number,
  bytes: Uint8Array,
  change: () => void,
): Promise<void> {
  const file = await files.openUpdate(path);
  try {
    await file.readAt(bytes, at);
    change();
    await file.writeAt(bytes, at);
  } finally {
    await file.close();
  }
}

/** Gives a file another length. */
async function resize(files: Files, path: string, sizeBytes: number): Promise<boolean> {
  const file = await files.openUpdate(path);
  try {
    await file.truncate(sizeBytes);
    return true;
  } finally {
    await file.close();
  }
}

const otherSizeInManifest: Act = async (files, path, _size, chance) => {
  const root = parseJson(Buffer.from(await files.readBounded(path, MAX_MANIFEST_BYTES)).toString("utf8"));
  if (!isJsonObject(root) || !isJsonArray(root["layers"])) return false;
  const layers = root["layers"].filter((layer): layer is JsonObject => isJsonObject(layer));
  const wrong = chance.below(layers.length);
  const changed = layers.map((layer, index) =>
    index === wrong ? { ...layer, size: Number(layer["size"]) + 1 } : layer,
  );
  await files.write(path, stringifyJson({ ...root, layers: changed }));
  return true;
};

/** By the problem that each of them is. */
export const storeDefects: readonly StoreDefect[] = [
  {
    ...{ name: "blob-removed", of: "missing", about: "a blob is gone" },
    plant: toOne("blobs", (files, path) => files.unlink(path)),
  },
  {
    ...{ name: "blob-misnamed", of: "missing", about: "a blob lies under another digest" },
    plant: toOne("blobs", (files, path) => files.move(path, otherThan(path))),
  },
  {
    ...{ name: "blob-cut-short", of: "wrong_size", about: "the end of a blob is lost" },
    plant: toOne("blobs", (files, path, size, chance) => resize(files, path, place(chance, size))),
  },
  {
    ...{ name: "blob-grown", of: "wrong_size", about: "a blob has zeros at its end" },
    plant: toOne("blobs", (files, path, size, chance) =>
      resize(files, path, size + 1 + chance.below(PAGE_BYTES)),
    ),
  },
  {
    ...{ name: "other-size-in-manifest", of: "wrong_size", about: "a manifest has a layer's size wrong" },
    plant: toOne("manifests", otherSizeInManifest),
  },
  {
    ...{ name: "bit-flipped", of: "wrong_bytes", about: "one bit of a blob is another" },
    plant: toOne("blobs", flipBit),
  },
  {
    ...{ name: "page-lost", of: "wrong_bytes", about: "a page of a blob is zeros" },
    plant: toOne("blobs", losePage),
  },
  {
    ...{ name: "manifest-cut-short", of: "unreadable_manifest", about: "the end of a manifest is lost" },
    plant: toOne("manifests", (files, path, size, chance) => resize(files, path, place(chance, size))),
  },
  {
    ...{ name: "manifest-lost-in-crash", of: "unreadable_manifest", about: "a manifest is all zeros" },
    plant: toOne("manifests", async (files, path, size) => {
      await files.write(path, new Uint8Array(size));
      return true;
    }),
  },
  {
    ...{ name: "foreign-manifest", of: "unreadable_manifest", about: "a tag's file is of another kind" },
    plant: toOne("manifests", async (files, path) => {
      await files.write(path, '{"schemaVersion":1,"name":"library/m","tag":"1","fsLayers":[]}');
      return true;
    }),
  },
];
