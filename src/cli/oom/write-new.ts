import { AprError, systemCode } from "../../base/errors.ts";
import type { Files } from "../../world/files.ts";

/** Readable for the caller only: a report may name what a program worked on. */
const MODE = 0o600;

/** Writes a file that was not there, whole and synced. With `force` it takes the place of one that is there. */
export async function writeNew(files: Files, path: string, data: Uint8Array, force: boolean): Promise<void> {
  if (!force) return writeOne(files, path, data);
  // The old file stays until the new one is whole.
  const temporary = `${path}.new`;
  await writeOne(files, temporary, data);
  await files.rename(temporary, path);
}

async function writeOne(files: Files, path: string, data: Uint8Array): Promise<void> {
  const file = await files.createNew(path, MODE).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "EEXIST") {
      throw new AprError("exists", `${path}: the file exists`, {
        hint: "use --force to replace it",
        fields: { path },
      });
    }
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new AprError("not-found", `${path}: there is no such folder`, { fields: { path } });
    }
    throw error;
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
