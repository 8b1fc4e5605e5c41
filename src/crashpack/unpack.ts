import { once } from "node:events";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { systemCode } from "../base/errors.ts";
import { CrashpackError } from "./errors.ts";
import { readThrough } from "./folder.ts";
import { MAX_FILES, MAX_PACK_BYTES } from "./limits.ts";
import { nameInTheWay, nameProblem, PACK_FILES, SUMS } from "./names.ts";
import { FileSink } from "./sink.ts";
import { BLOCK_BYTES, paddingOf, readTarHeader } from "./tar.ts";
import type { PackWorld } from "./types.ts";

const OWN: ReadonlySet<string> = new Set([...PACK_FILES, SUMS]);

/**
 * Unpacks a `.tar.gz` of a pack into an empty folder. Takes only what `packArchive` writes: regular files with safe
 * names, each once, bounded in number and size; no link, no owner, nothing after the end. Whether the pack is sound
 * is for `examineCrashpack` to say. Throws CrashpackError `bad-archive`, `not-found` or `too-large`.
 */
export async function unpackArchive(world: PackWorld, path: string, into: string): Promise<void> {
  const { files } = world;
  const facts = await files.facts(path);
  if (facts === null) throw new CrashpackError("not-found", `no such file: ${path}`);
  if (facts.kind !== "file") throw new CrashpackError("not-a-pack", `${path} is no regular file`);
  const unpacker = new Unpacker(world, into);
  const gunzip = createGunzip();
  const out = take(gunzip, unpacker);
  out.catch(() => undefined);
  try {
    const pieces: Buffer[] = [];
    await readThrough(files, path, MAX_PACK_BYTES, (bytes) => pieces.push(bytes), {
      between: async () => {
        for (const piece of pieces.splice(0)) {
          if (!gunzip.write(piece)) await Promise.race([once(gunzip, "drain"), out]);
        }
      },
    });
    gunzip.end();
    await out;
  } catch (error) {
    // What zlib says of bytes that are no gzip, or end too early.
    if (/^(?:Z_|ERR_STREAM)/.test(systemCode(error) ?? "")) throw bad("it is no gzip file, or is damaged");
    throw error;
  } finally {
    gunzip.destroy();
    await unpacker.abandon();
  }
}

async function take(gunzip: AsyncIterable<Buffer>, unpacker: Unpacker): Promise<void> {
  for await (const chunk of gunzip) await unpacker.push(chunk);
  unpacker.end();
}

class Unpacker {
  readonly #world: PackWorld;
  readonly #into: string;
  readonly #seen = new Set<string>();
  #block = Buffer.alloc(0);
  #sink: FileSink | null = null;
  /** Of the present file, and of the zeros behind it. */
  #left = 0;
  #padding = 0;
  #total = 0;
  #zeroBlocks = 0;

  constructor(world: PackWorld, into: string) {
    this.#world = world;
    this.#into = into;
  }

  async push(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#sink !== null) rest = await this.#content(this.#sink, rest);
      else if (this.#padding > 0) rest = this.#zeros(rest);
      else rest = await this.#header(rest);
    }
  }

  end(): void {
    if (this.#zeroBlocks !== 2 || this.#block.length > 0) throw bad("it ends too early");
  }

  async abandon(): Promise<void> {
    await this.#sink?.abandon();
  }

  async #content(sink: FileSink, bytes: Buffer): Promise<Buffer> {
    const part = bytes.subarray(0, this.#left);
    // The stream may use its memory again before the disk has taken it.
    await sink.write(Buffer.from(part));
    this.#left -= part.length;
    if (this.#left === 0) {
      await sink.end();
      this.#sink = null;
    }
    return bytes.subarray(part.length);
  }

  #zeros(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#padding);
    if (part.some((byte) => byte !== 0)) throw bad("there is something between its files");
    this.#padding -= part.length;
    return bytes.subarray(part.length);
  }

  async #header(bytes: Buffer): Promise<Buffer> {
    if (this.#zeroBlocks === 2) throw bad("there is something after its end");
    const missing = BLOCK_BYTES - this.#block.length;
    const block = Buffer.concat([this.#block, bytes.subarray(0, missing)]);
    const rest = bytes.subarray(missing);
    if (block.length < BLOCK_BYTES) {
      this.#block = block;
      return rest;
    }
    this.#block = Buffer.alloc(0);
    if (block.every((byte) => byte === 0)) {
      this.#zeroBlocks += 1;
      return rest;
    }
    if (this.#zeroBlocks > 0) throw bad("there is something after its end");
    await this.#open(block);
    return rest;
  }

  async #open(block: Buffer): Promise<void> {
    const entry = readTarHeader(block);
    if (entry === null) throw bad("an entry is no plain file as apr writes it");
    const { mode, name, sizeBytes } = entry;
    const why = OWN.has(name) ? null : nameProblem(name);
    if (why !== null) throw bad(`a name in it ${why}`);
    if (this.#seen.has(name)) throw bad(`${name} is in it twice`);
    if (this.#seen.size >= MAX_FILES) throw bad(`it holds more than ${MAX_FILES} files`);
    this.#seen.add(name);
    if (nameInTheWay([...this.#seen]) !== null) throw bad(`${name} or a folder of it is a file too`);
    this.#total += sizeBytes;
    if (this.#total > MAX_PACK_BYTES)
      throw new CrashpackError("too-large", "the archive's files are too large");
    const path = join(this.#into, name);
    await this.#world.files.makeFolder(dirname(path));
    const sink = await this.#create(path, mode);
    this.#left = sizeBytes;
    this.#padding = paddingOf(sizeBytes);
    if (sizeBytes > 0) this.#sink = sink;
    else await sink.end();
  }

  async #create(path: string, mode: number): Promise<FileSink> {
    try {
      return await FileSink.open(this.#world, path, mode);
    } catch (error) {
      // Where upper case does not count, two names can be one.
      if (systemCode(error) === "EEXIST") throw bad("two of its names are one on this disk");
      throw error;
    }
  }
}

function bad(why: string): CrashpackError {
  return new CrashpackError("bad-archive", `the archive cannot be unpacked: ${why}`);
}
