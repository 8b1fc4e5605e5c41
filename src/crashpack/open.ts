import { join } from "node:path";
import type { World } from "../world/world.ts";
import { type Examination, type ExamineOptions, examineCrashpack } from "./examine.ts";
import type { AtpCrashpack } from "./pack.ts";
import { readCrashpack } from "./read.ts";
import type { PackWorld } from "./types.ts";
import { unpackArchive } from "./unpack.ts";

export type OpenWorld = PackWorld & Pick<World, "host">;

/** Examines a pack in a folder, or in a `.tar.gz`: see `examineCrashpack` and `unpackArchive`. */
export function examinePack(
  world: OpenWorld,
  path: string,
  options: ExamineOptions = {},
): Promise<Examination> {
  return withFolder(world, path, (dir) => examineCrashpack(world, dir, options));
}

/** Reads a pack from a folder, or from a `.tar.gz`: see `readCrashpack` and `unpackArchive`. */
export function readPack(world: OpenWorld, path: string): Promise<AtpCrashpack> {
  return withFolder(world, path, (dir) => readCrashpack(world, dir));
}

/** A regular file is unpacked into a private folder, which is gone afterwards. */
async function withFolder<T>(world: OpenWorld, path: string, use: (dir: string) => Promise<T>): Promise<T> {
  const { files, host } = world;
  if ((await files.facts(path))?.kind !== "file") return use(path);
  const folder = await files.makeTempFolder(join(host.tempFolder, "apr-crashpack-"));
  try {
    await unpackArchive(world, path, folder);
    return await use(folder);
  } finally {
    await files.remove(folder);
  }
}
