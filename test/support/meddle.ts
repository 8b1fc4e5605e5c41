import { type Digest, digestOf } from "../../src/store/digest.ts";
import { parseRef, type Ref } from "../../src/store/ref.ts";
import { type Store, type StoreWorld } from "../../src/store/store.ts";
import { readTag, type TagEntry } from "../../src/store/tags.ts";
import type { Files } from "../../src/world/files.ts";
import { nodeStoreWorld } from "../../src/world/node/store-world.ts";
import { newStore, type TestStore } from "./store.ts";

export const MODEL: Digest = digestOf("9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4");
/** Work of a process that cannot be: its id is above the kernel's own limit. */
export const DEAD_WORK: string = `${nodeStoreWorld.host.name.replace(/[^A-Za-z0-9-]/g, "-")}.4194305.aaaaaaaaaaaa`;
export const A: Ref = parseRef("a");
export const B: Ref = parseRef("b");

/** A store with one model, tagged `a`. */
export async function withModel(): Promise<TestStore> {
  const made = await newStore();
  await made.add("a", "model");
  return made;
}

/** The same store, but something happens before or after calls of its disk. */
export function meddle(store: Store, change: (files: Files) => Partial<Files>): Store {
  const world: StoreWorld = {
    ...nodeStoreWorld,
    files: { ...nodeStoreWorld.files, ...change(nodeStoreWorld.files) },
  };
  return { ...store, world };
}

export async function tagOf(store: Store, ref: Ref = A): Promise<TagEntry & { kind: "tag" }> {
  const entry = await readTag(store, ref);
  if (entry?.kind !== "tag") throw new Error("no tag");
  return entry;
}
