import type { ModelFolder } from "../../../src/model/folder-source.ts";
import { sourceOfBytes } from "../../../src/model/source.ts";

/** A model's folder in memory: names and contents. */
export function folderOf(files: Readonly<Record<string, Uint8Array | string>>): ModelFolder {
  return {
    names: Object.keys(files).sort(),
    open: (name) => {
      const content = files[name];
      if (content === undefined) return Promise.resolve(null);
      const bytes = typeof content === "string" ? new Uint8Array(Buffer.from(content)) : content;
      return Promise.resolve({ source: sourceOfBytes(bytes), close: () => Promise.resolve() });
    },
  };
}
