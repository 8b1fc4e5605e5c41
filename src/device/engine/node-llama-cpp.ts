import { dirname, join } from "node:path";
import type { DeviceWorld } from "../world.ts";
import { loadableCuda } from "./libraries.ts";
import type { EngineBuild } from "./types.ts";

const NAME = "node-llama-cpp";
/** Folders above apr that are looked through for installed packages. */
const MAX_LEVELS = 16;

/** The optional peer, where it is installed beside apr or above it; null where it is not. */
export async function inspectPeer(
  world: DeviceWorld,
  from: string,
  arch: string,
): Promise<EngineBuild | null> {
  let folder = from;
  for (let level = 0; level < MAX_LEVELS; level++) {
    const modules = join(folder, "node_modules");
    const path = join(modules, NAME);
    if ((await world.files.facts(path).catch(() => null)) !== null)
      return peerBuild(world, modules, path, arch);
    if (dirname(folder) === folder) return null;
    folder = dirname(folder);
  }
  return null;
}

/** Its CUDA kernels come as a package of their own for each system. */
async function peerBuild(
  world: DeviceWorld,
  modules: string,
  path: string,
  arch: string,
): Promise<EngineBuild> {
  const base = { engine: NAME, kind: NAME, path } as const;
  const cuda = join(modules, "@node-llama-cpp", `linux-${arch}-cuda`);
  if ((await world.files.facts(cuda).catch(() => null)) === null) {
    return {
      ...base,
      cuda: false,
      builtFor: null,
      libraries: [],
      evidence: "installed without its CUDA package",
    };
  }
  const bins = join(cuda, "bins");
  const entries = await world.files.entries(bins, 100).catch(() => null);
  const folders = (entries ?? []).filter(({ kind }) => kind === "folder").map(({ name }) => join(bins, name));
  const { libraries, major } = await loadableCuda(world, folders);
  return { ...base, cuda: true, builtFor: major, libraries, evidence: `${cuda} is installed` };
}
