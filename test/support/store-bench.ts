import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { apr, type AprResult } from "./cli.ts";
import { tinyGguf } from "./gguf.ts";
import { tempDir } from "./temp.ts";

export const MODEL: Buffer = tinyGguf(64 * 1024);
export const HEX: string = createHash("sha256").update(MODEL).digest("hex");

export interface Bench {
  readonly folder: string;
  readonly store: string;
  readonly model: string;
  readonly run: (...args: readonly string[]) => Promise<AprResult>;
}

/** A folder with a model, and apr with a store of its own in it. */
export function bench(): Bench {
  const folder = tempDir();
  const store = `${folder}/models`;
  const model = `${folder}/tiny.gguf`;
  writeFileSync(model, MODEL);
  const env = { APR_MODELS: store, HOME: folder };
  return { folder, store, model, run: (...args) => apr(args, { env, cwd: folder }) };
}
