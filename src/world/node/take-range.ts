import type { OpenFile } from "../files.ts";

const BUFFER_BYTES = 1024 * 1024;

/** Copies a range where two files differ: see OpenFile. Both are read in pieces of at most 1 MiB. */
export async function takeRange(
  to: OpenFile,
  from: OpenFile,
  offsetBytes: number,
  sizeBytes: number,
): Promise<boolean> {
  const [ours, theirs] = [Buffer.allocUnsafe(BUFFER_BYTES), Buffer.allocUnsafe(BUFFER_BYTES)];
  let differed = false;
  for (let done = 0; done < sizeBytes; done += BUFFER_BYTES) {
    const length = Math.min(BUFFER_BYTES, sizeBytes - done);
    const piece = theirs.subarray(0, length);
    const at = offsetBytes + done;
    if ((await from.readAt(piece, at)) !== length) throw new RangeError("the other file is too short");
    const got = await to.readAt(ours.subarray(0, length), at);
    if (got === length && ours.compare(piece, 0, length, 0, length) === 0) continue;
    differed = true;
    await to.writeAt(piece, at);
  }
  return differed;
}

/** Writes a range anew as it reads: see OpenFile. In pieces of at most 1 MiB. */
export async function rewriteRange(file: OpenFile, offsetBytes: number, sizeBytes: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, sizeBytes));
  for (let done = 0; done < sizeBytes; ) {
    const piece = buffer.subarray(0, Math.min(BUFFER_BYTES, sizeBytes - done));
    const got = await file.readAt(piece, offsetBytes + done);
    if (got === 0) return;
    await file.writeAt(piece.subarray(0, got), offsetBytes + done);
    done += got;
  }
}
