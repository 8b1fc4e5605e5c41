import { AprError, systemCode } from "../../base/errors.ts";
import type { Files } from "../../world/files.ts";

/** Readable for the caller only: a report may name what a program worked on. */
const MODE = 0o600;

/** Writes a file that was not there, whole and synced. With `force` a file that is there is taken away first. */
export async function writeNew(files: Files, path: string, data: Uint8Array, force: boolean): Promise<void> {
  if (force) await files.unlink(path);
  const file = await files.createNew(path, MODE).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
    throw new AprError("exists", `${path}: the file exists`, {
      hint: "use --force to replace it",
      fields: { path },
    });
  });
  try {
    await file.writeAt(data, 0);
    await file.sync();
  } catch (error) {
    await files.unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}
