import { AprError } from "../../base/errors.ts";
import { notFound } from "../../store/copy-tag.ts";
import { blobPath } from "../../store/layout.ts";
import { formatRef, type Ref } from "../../store/ref.ts";
import { openStore, type Store } from "../../store/store.ts";
import { manifestDigest, readTag } from "../../store/tags.ts";
import type { Remote } from "../remote.ts";
import { localBlob } from "./local-blob.ts";
import type { LocalPlace } from "./local-files.ts";

export interface StorePlace extends LocalPlace {
  /** Null gives blobs only. */
  readonly model: Ref | null;
}

/** Another model store, apr's or Ollama's. Nothing is written to it. */
export function storeRemote(place: StorePlace): Remote {
  return {
    name: place.name,
    tag: place.tag,
    async resolve(signal) {
      signal.throwIfAborted();
      const { model } = place;
      if (model === null) {
        throw new AprError("usage", `a model store, but which of its models: ${place.path}`, {
          hint: "store:PATH:TAG, the tag as apr ls --store PATH shows it",
          fields: { code: "invalid-ref" },
        });
      }
      const store = await opened(place);
      const entry = await readTag(store, model);
      if (entry === null) throw notFound(model);
      if (entry.kind === "unreadable") {
        throw new AprError("malformed", `the manifest of ${formatRef(model)} cannot be read: ${entry.why}`, {
          fields: { code: "bad-manifest", path: entry.path },
        });
      }
      return { kind: "image", bytes: entry.imageBytes, expected: manifestDigest(store, entry.imageBytes) };
    },
    async blob({ digest, sizeBytes }, signal) {
      signal.throwIfAborted();
      if (digest === null) return null;
      const store = await opened(place);
      const path = blobPath(store.root, digest);
      const facts = await place.world.files.facts(path);
      if (facts?.kind !== "file" || (sizeBytes !== null && facts.sizeBytes !== sizeBytes)) return null;
      return localBlob({ files: place.world.files, path, name: place.name });
    },
  };
}

/** True for a folder that has what every store has. */
export async function isStore({ world, path }: Pick<LocalPlace, "world" | "path">): Promise<boolean> {
  for (const name of ["blobs", "manifests"]) {
    if ((await world.files.facts(`${path}/${name}`))?.kind !== "folder") return false;
  }
  return true;
}

async function opened({ world, path }: StorePlace): Promise<Store> {
  const store = (await isStore({ world, path })) ? await openStore(world, path) : null;
  if (store !== null) return store;
  throw new AprError("not-found", `no model store: ${path}`, {
    hint: "such a folder holds blobs and manifests",
    fields: { path },
  });
}
