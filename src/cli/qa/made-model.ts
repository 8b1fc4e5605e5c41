import { resolve } from "node:path";
import type { Subject } from "../../chaos/scenario/types.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeHost } from "../../world/node/host.ts";

const PIECE_BYTES = 1024 * 1024;

interface MadeModel {
  readonly path: string | undefined;
  /** Shell that writes the same to stdout; undefined for a person's own file. */
  readonly shell: string | undefined;
  remove(): Promise<void>;
}

/** A subject's model: the file that is named, or one that is made and goes with `remove`. */
export async function madeModel(model: Subject["model"], folder: string): Promise<MadeModel> {
  const keep = (): Promise<void> => Promise.resolve();
  if (model === null) return { path: undefined, shell: undefined, remove: keep };
  if ("path" in model) return { path: resolve(folder, model.path), shell: undefined, remove: keep };
  const home = await nodeFiles.makeTempFolder(`${nodeHost.tempFolder}/apr-model-`);
  const path = `${home}/model.bin`;
  await write(path, model.sizeBytes);
  return { path, shell: shellOf(model.sizeBytes), remove: () => nodeFiles.remove(home) };
}

/** The lines 1, 2, 3 and so on, cut at the size: what `seq` writes, so that anybody can make the same. */
async function write(path: string, sizeBytes: number): Promise<void> {
  const file = await nodeFiles.createNew(path, 0o644);
  try {
    let line = 1;
    for (let at = 0; at < sizeBytes; ) {
      const lines: string[] = [];
      for (let length = 0; length < PIECE_BYTES && at + length < sizeBytes; line++) {
        lines.push(`${line}\n`);
        length += (lines.at(-1) ?? "").length;
      }
      const piece = Buffer.from(lines.join("")).subarray(0, sizeBytes - at);
      await file.writeAt(piece, at);
      at += piece.length;
    }
  } finally {
    await file.close();
  }
}

/** Shell that writes the model to stdout. */
function shellOf(sizeBytes: number): string {
  return `seq 1 999999999 | head -c ${sizeBytes}`;
}
