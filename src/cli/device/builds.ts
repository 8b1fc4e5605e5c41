import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { inspectEngine, resolveEngine } from "../../device/engine/inspect.ts";
import { inspectPeer } from "../../device/engine/node-llama-cpp.ts";
import type { EngineBuild } from "../../device/engine/types.ts";
import type { DeviceWorld } from "../../device/world.ts";
import { platform } from "../../world/node/platform.ts";
import { engineWords } from "./engine-words.ts";

/** What the engines of apr's configuration were built with, from their files alone: none of them is run. */
export async function configuredBuilds(
  world: DeviceWorld,
  engines: readonly string[],
): Promise<readonly EngineBuild[]> {
  const peer = await inspectPeer(world, dirname(fileURLToPath(import.meta.url)), platform.arch);
  const builds = peer === null ? [] : [peer];
  for (const line of engines) {
    const words = engineWords(line);
    if (words === null) continue;
    builds.push(await inspectEngine(world, await resolveEngine(world, words, line)));
  }
  return builds;
}
