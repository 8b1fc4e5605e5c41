import { createHash } from "node:crypto";
import type { Hash } from "../hash.ts";

export const nodeHash: Hash = {
  sha256() {
    const hash = createHash("sha256");
    return {
      update: (data) => void hash.update(data),
      hex: () => hash.digest("hex"),
    };
  },
  // Loaded when needed: most commands hash no file.
  follow: async (path, options) => (await import("./hash-follow.ts")).followFile(path, options ?? {}),
  file: async (path, options) => (await import("./hash-pool.ts")).hashFile(path, options ?? {}),
};
