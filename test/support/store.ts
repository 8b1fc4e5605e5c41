import { writeFileSync } from "node:fs";
import type { ModelSummary } from "../../src/store/config.ts";
import { type Imported, importModel } from "../../src/store/import.ts";
import { parseRef } from "../../src/store/ref.ts";
import { findModel } from "../../src/store/sources.ts";
import { openOrMakeStore, type Store, type StoreWorld } from "../../src/store/store.ts";
import { nodeStoreWorld } from "../../src/world/node/store-world.ts";
import { tempDir } from "./temp.ts";

const SUMMARY: ModelSummary = {
  format: "gguf",
  family: "llama",
  parameters: "1K",
  quantization: "F32",
};

export interface TestStore {
  readonly store: Store;
  readonly folder: string;
  /** Imports a file with this content under a tag. */
  readonly add: (tag: string, content: string | Buffer) => Promise<Imported>;
}

/** A new store on the real disk, gone after the test. */
export async function newStore(world: StoreWorld = nodeStoreWorld): Promise<TestStore> {
  const folder = tempDir();
  const store = await openOrMakeStore(world, `${folder}/models`);
  return {
    store,
    folder,
    async add(tag, content) {
      const path = `${folder}/${tag.replaceAll(/[/:]/g, "-")}.gguf`;
      writeFileSync(path, content);
      const { parts } = await findModel(world, path);
      return importModel(store, {
        ref: parseRef(tag),
        source: { kind: "files", parts },
        describe: () => Promise.resolve(SUMMARY),
      });
    },
  };
}
