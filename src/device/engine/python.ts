import { dirname, join } from "node:path";
import type { DeviceWorld } from "../world.ts";

// What a Python's torch was built for, read from the file that torch writes when it is built: importing it takes seconds.

/** Found without running Python. */
export interface TorchBuild {
  /** The file that says it. */
  readonly path: string;
  /** Such as `12.4`; null for a build without CUDA. */
  readonly cuda: string | null;
}

const MAX_VERSION_BYTES = 16 * 1024;
const MAX_FOLDERS = 64;

/** Null where this Python has no torch that can be seen from outside. */
export async function findTorch(world: DeviceWorld, python: string): Promise<TorchBuild | null> {
  for (const folder of await packageFolders(world, python)) {
    const path = join(folder, "torch", "version.py");
    const bytes = await world.files.readBounded(path, MAX_VERSION_BYTES).catch(() => null);
    if (bytes === null) continue;
    const text = new TextDecoder().decode(bytes);
    return { path, cuda: /^cuda\b[^=\n]*=\s*['"]([\d.]{1,16})['"]/m.exec(text)?.[1] ?? null };
  }
  return null;
}

/** Where this Python keeps packages: beside its own path (a virtual environment) and beside what that links to. */
async function packageFolders(world: DeviceWorld, python: string): Promise<string[]> {
  const { files, env } = world;
  const real = await files.realPath(python).catch(() => python);
  const prefixes = [...new Set([dirname(dirname(python)), dirname(dirname(real))])];
  const folders = (env["PYTHONPATH"] ?? "").split(":", MAX_FOLDERS).filter((each) => each.startsWith("/"));
  const home = env["HOME"] ?? "";
  const libs = prefixes.flatMap((prefix) => [join(prefix, "lib"), join(prefix, "local", "lib")]);
  if (home.startsWith("/")) libs.push(join(home, ".local", "lib"));
  for (const lib of libs) {
    const entries = await files.entries(lib, 20_000).catch(() => null);
    const pythons = (entries ?? [])
      .filter(({ name }) => /^python3(\.\d+)?$/.test(name))
      .slice(0, MAX_FOLDERS);
    for (const { name } of pythons) {
      folders.push(join(lib, name, "site-packages"), join(lib, name, "dist-packages"));
    }
  }
  return folders;
}
