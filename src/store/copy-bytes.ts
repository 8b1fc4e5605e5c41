import type { OpenFile } from "../world/files.ts";
import { COPY_BUFFER_BYTES } from "./limits.ts";
import type { StoreWorld } from "./store.ts";

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface Copied {
  readonly hex: string;
  readonly sizeBytes: number;
}

const BUFFERS = 3;

/**
 * Copies a file and hashes what it writes. Three buffers go round: while one is hashed and written, the next is
 * read and the last one's write ends, so that the disk and the hash work at the same time.
 */
export async function copyHashing(
  world: StoreWorld,
  from: OpenFile,
  to: OpenFile,
  options: CopyOptions,
): Promise<Copied> {
  const hasher = world.hash.sha256();
  const ring = Array.from({ length: BUFFERS }, () => new Uint8Array(COPY_BUFFER_BYTES));
  let reading = from.readAt(ring[0] as Uint8Array, 0);
  let writing: Promise<void> = Promise.resolve();
  let offset = 0;
  try {
    for (let turn = 0; ; turn++) {
      const got = await reading;
      if (got === 0) break;
      options.signal?.throwIfAborted();
      const data = (ring[turn % BUFFERS] as Uint8Array).subarray(0, got);
      reading = from.readAt(ring[(turn + 1) % BUFFERS] as Uint8Array, offset + got);
      await writing;
      writing = to.writeAt(data, offset);
      // A failure is seen when it is awaited; until then it must not count as unhandled.
      writing.catch(() => undefined);
      reading.catch(() => undefined);
      hasher.update(data);
      offset += got;
      options.onBytes?.(got);
    }
    await writing;
    return { hex: hasher.hex(), sizeBytes: offset };
  } finally {
    // No buffer may be in use, and no descriptor closed, while the system still works with it.
    await Promise.allSettled([reading, writing]);
  }
}

/** The same for a stream, such as stdin. */
export async function streamHashing(
  world: StoreWorld,
  chunks: AsyncIterable<Uint8Array>,
  to: OpenFile,
  options: CopyOptions,
): Promise<Copied> {
  const hasher = world.hash.sha256();
  let offset = 0;
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    const writing = to.writeAt(chunk, offset);
    writing.catch(() => undefined);
    hasher.update(chunk);
    await writing;
    offset += chunk.length;
    options.onBytes?.(chunk.length);
  }
  options.signal?.throwIfAborted();
  return { hex: hasher.hex(), sizeBytes: offset };
}
