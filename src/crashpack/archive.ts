import { once } from "node:events";
import { basename, dirname, join } from "node:path";
import { createGzip } from "node:zlib";
import { CrashpackError } from "./errors.ts";
import { examineCrashpack } from "./examine.ts";
import { listFolder, readThrough } from "./folder.ts";
import { MAX_PACK_BYTES } from "./limits.ts";
import { SCRIPT } from "./names.ts";
import { soundFacts } from "./read.ts";
import { FileSink } from "./sink.ts";
import { BLOCK_BYTES, paddingOf, tarHeader } from "./tar.ts";
import type { PackWorld } from "./types.ts";

/** Where a gzip header says which system wrote it: 255 is "unknown", so that every system writes the same. */
const GZIP_SYSTEM_AT = 9;
const GZIP_UNKNOWN = 255;

/**
 * Packs a sound pack as one `.tar.gz`: the same pack gives the same bytes, on one version of zlib. The file appears
 * whole or not at all. Throws CrashpackError: what `readCrashpack` throws, and `exists`.
 */
export async function packArchive(world: PackWorld, dir: string, path: string): Promise<void> {
  const { files } = world;
  soundFacts(await examineCrashpack(world, dir), dir);
  if ((await files.facts(path)) !== null) throw alreadyThere(path);
  const parent = dirname(path);
  await files.makeFolder(parent);
  const temporary = await files.makeTempFolder(join(parent, `.${basename(path)}.`));
  try {
    const whole = join(temporary, "archive");
    await writeArchive(world, dir, whole);
    // A link, not a renaming: it never takes the place of a file that came meanwhile.
    const outcome = await files.link(whole, path);
    if (outcome === "exists") throw alreadyThere(path);
    if (outcome !== "linked") await files.rename(whole, path);
    await files.syncFolder(parent);
  } finally {
    await files.remove(temporary);
  }
}

async function writeArchive(world: PackWorld, dir: string, path: string): Promise<void> {
  const { files } = world;
  const sink = await FileSink.open(world, path, 0o644);
  const gzip = createGzip();
  const out = drain(gzip, sink);
  // It is awaited below; until then a failure must not count as one that nobody handles.
  out.catch(() => undefined);
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!gzip.write(bytes)) await Promise.race([once(gzip, "drain"), out]);
  };
  try {
    for (const name of (await listFolder(files, dir)).names) {
      const sizeBytes = (await files.facts(join(dir, name)))?.sizeBytes ?? 0;
      await write(tarHeader({ name, sizeBytes, mode: name === SCRIPT ? 0o755 : 0o644 }));
      const pieces: Buffer[] = [];
      // Pieces are handed on between the reads, so that a large trace is never in memory whole.
      const read = await readThrough(files, join(dir, name), MAX_PACK_BYTES, (bytes) => pieces.push(bytes), {
        between: async () => {
          for (const piece of pieces.splice(0)) await write(piece);
        },
      });
      if (read !== sizeBytes) {
        throw new CrashpackError("files-disagree", `${name} was changed while it was packed`, [name]);
      }
      await write(Buffer.alloc(paddingOf(sizeBytes)));
    }
    gzip.end(Buffer.alloc(2 * BLOCK_BYTES));
    await out;
    await sink.end();
  } finally {
    gzip.destroy();
    await sink.abandon();
  }
}

async function drain(gzip: AsyncIterable<Buffer>, sink: FileSink): Promise<void> {
  let begun = false;
  for await (const chunk of gzip) {
    const bytes = Buffer.from(chunk);
    if (!begun) bytes[GZIP_SYSTEM_AT] = GZIP_UNKNOWN;
    begun = true;
    await sink.write(bytes);
  }
}

function alreadyThere(path: string): CrashpackError {
  return new CrashpackError("exists", `${path} is there already`, [], "an archive is never written over");
}
