import { dirname, join } from "node:path";
import { readElf } from "../elf.ts";
import { findLibrary } from "../library.ts";
import type { DeviceWorld } from "../world.ts";

/** Files that are looked into for one engine: programs link a few dozen. */
const MAX_FILES = 64;

/** Names that only a CUDA build asks for. */
const CUDA_NAME = /^lib(?:cuda|cudart|cublas|cublasLt|ggml-cuda|nvrtc)(?:[-.]|$)/;

/** What a program's libraries say of CUDA. */
export interface LinkedCuda {
  /** Names of CUDA libraries that it or one of its libraries asks for. */
  readonly libraries: readonly string[];
  /** CUDA's major version as those names say it; null where they do not. */
  readonly major: string | null;
  /** False where the file is no ELF file at all: nothing was learned. */
  readonly read: boolean;
}

/** Follows what a program is linked with, as the dynamic linker would, and stops at CUDA's own libraries. */
export async function linkedCuda(world: DeviceWorld, path: string): Promise<LinkedCuda> {
  const found = new Set<string>();
  const seen = new Set<string>([path]);
  const queue = [path];
  let read = false;
  for (let at = 0; at < queue.length && at < MAX_FILES; at++) {
    const file = queue[at] ?? "";
    const needs = await needsOf(world, file);
    if (needs === null) continue;
    read = true;
    for (const name of needs.needed) {
      if (CUDA_NAME.test(name)) found.add(name);
      // CUDA's own libraries need none of it; the engine's CUDA part does.
      if (name.includes("/") || (CUDA_NAME.test(name) && !name.startsWith("libggml"))) continue;
      const library = await findLibrary(world, [name], needs.folders);
      if (library === null || seen.has(library)) continue;
      seen.add(library);
      queue.push(library);
    }
  }
  const libraries = [...found];
  return { libraries, major: majorOf(libraries), read };
}

/** CUDA's major version is part of its libraries' names, as in `libcudart.so.12`. Of several builds the oldest counts. */
export function majorOf(libraries: readonly string[]): string | null {
  const majors = libraries.flatMap((name) => {
    const major = /^lib(?:cudart|cublas|cublasLt)(?:\.so\.|-)(\d{1,2})\b/.exec(name)?.[1];
    return major === undefined ? [] : [Number(major)];
  });
  return majors.length === 0 ? null : String(Math.min(...majors));
}

async function needsOf(
  { files }: DeviceWorld,
  path: string,
): Promise<{ readonly needed: readonly string[]; readonly folders: readonly string[] } | null> {
  const real = await files.realPath(path).catch(() => null);
  const file = real === null ? null : await files.openRead(real).catch(() => null);
  if (real === null || file === null) return null;
  try {
    const elf = await readElf(file).catch(() => null);
    if (elf === null) return null;
    const origin = dirname(real);
    const folders = elf.runPaths.map((each) => each.replace(/\$ORIGIN|\$\{ORIGIN\}/g, origin));
    return { needed: elf.needed, folders: folders.filter((each) => each.startsWith("/")) };
  } finally {
    await file.close();
  }
}

/** Parts that an engine loads at run time from folders of its own, such as `libggml-cuda.so`. */
export async function loadableCuda(world: DeviceWorld, folders: readonly string[]): Promise<LinkedCuda> {
  const libraries: string[] = [];
  for (const folder of folders) {
    const entries = await world.files.entries(folder, MAX_ENTRIES).catch(() => null);
    for (const { name, kind } of entries ?? []) {
      if (kind === "folder" || !/^libggml-cuda(?:[-.]|$)/.test(name)) continue;
      const inner = await linkedCuda(world, join(folder, name));
      libraries.push(name, ...inner.libraries);
    }
  }
  const unique = [...new Set(libraries)];
  return { libraries: unique, major: majorOf(unique), read: true };
}

/** Entries of a folder of libraries that are looked through. */
const MAX_ENTRIES = 20_000;
