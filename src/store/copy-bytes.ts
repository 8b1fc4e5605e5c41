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

/** From this size on a thread of its own hashes: starting one takes about 15 ms. */
const LARGE_BYTES = 32 * 1024 * 1024;

/** A file that is being made, with its path: what hashes it opens it once more. */
export interface Target {
  readonly file: OpenFile;
  readonly path: string;
}

/** Copies a file and hashes what was written. A large one is hashed beside the copy, a little behind it. */
export async function copyHashing(
  world: StoreWorld,
  from: OpenFile,
  to: Target,
  options: CopyOptions,
): Promise<Copied> {
  const { sizeBytes } = await from.facts();
  return sizeBytes < LARGE_BYTES
    ? copySmall(world, from, to.file, options)
    : copyLarge(world, from, to, options);
}

async function copySmall(
  world: StoreWorld,
  from: OpenFile,
  to: OpenFile,
  options: CopyOptions,
): Promise<Copied> {
  const hasher = world.hash.sha256();
  const buffer = new Uint8Array(COPY_BUFFER_BYTES);
  let offset = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    const got = await from.readAt(buffer, offset);
    if (got === 0) return { hex: hasher.hex(), sizeBytes: offset };
    const data = buffer.subarray(0, got);
    hasher.update(data);
    await to.writeAt(data, offset);
    offset += got;
    options.onBytes?.(got);
  }
}

async function copyLarge(
  world: StoreWorld,
  from: OpenFile,
  to: Target,
  options: CopyOptions,
): Promise<Copied> {
  const follower = await world.hash.follow(to.path);
  let told = 0;
  try {
    const sizeBytes = await to.file.copyFrom(from, {
      signal: options.signal,
      onCopied(total) {
        follower.advance(total);
        options.onBytes?.(total - told);
        told = total;
      },
    });
    // The last bytes are hashed while the disk writes its own last ones.
    const [hashed] = await Promise.all([follower.end(), to.file.sync()]);
    options.signal?.throwIfAborted();
    return { hex: hashed.hex, sizeBytes };
  } finally {
    await follower.abandon();
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
