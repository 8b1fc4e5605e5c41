import { AprError, systemCode } from "../base/errors.ts";
import { formatBytes } from "../base/units.ts";
import type { OpenFile } from "../world/files.ts";
import { parentOf } from "./layout.ts";
import type { Store } from "./store.ts";

/** Takes the room before the first byte is written. Throws `io` when the disk has not got it. */
export async function reserveOrRefuse(
  store: Pick<Store, "world">,
  to: OpenFile,
  path: string,
  sizeBytes: number,
): Promise<void> {
  const { freeBytes } = await store.world.files.space(parentOf(path));
  try {
    if (await to.reserve(sizeBytes)) return;
  } catch (error) {
    const code = systemCode(error);
    // A file larger than any can be there does not fit either.
    const full = code === "ENOSPC" || code === "EDQUOT" || (code === "EFBIG" && freeBytes < sizeBytes);
    if (!full) throw error;
    throw noRoom(sizeBytes, freeBytes, error);
  }
  if (freeBytes < sizeBytes) throw noRoom(sizeBytes, freeBytes);
}

function noRoom(needed: number, free: number, cause?: unknown): AprError {
  const words = `not enough disk space: ${formatBytes(needed)} needed, ${formatBytes(free)} free`;
  return new AprError("io", words, {
    hint: "apr du says what takes the room, apr transfers ls what unfinished transfers hold",
    fields: { code: "ENOSPC", needed_bytes: needed, free_bytes: free },
    cause,
  });
}
