import { isJsonArray, isJsonObject, type Json, parseJson } from "../base/json.ts";
import { ask } from "./ask.ts";
import { type Backend, type BackendDevice, unavailable } from "./backend.ts";
import type { DeviceWorld } from "./world.ts";

const PROFILER = "/usr/sbin/system_profiler";
/** It starts slowly. */
const PROFILER_LIMIT_MS = 10_000;

/** Apple's GPUs, as macOS describes them. */
export async function findMetal(world: DeviceWorld): Promise<Backend> {
  if (world.host.platform !== "darwin") return unavailable("metal", "unsupported-system", "not macOS");
  const { end, code, stdout } = await ask(
    world,
    [PROFILER, "SPDisplaysDataType", "-json"],
    PROFILER_LIMIT_MS,
  );
  const devices = end === "exited" && code === 0 ? parseDisplays(stdout) : [];
  if (devices.length > 0) return { name: "metal", available: true, devices, reason: null };
  return unavailable("metal", "no-device", "macOS lists no GPU with Metal");
}

/** The GPUs with Metal in what `system_profiler SPDisplaysDataType -json` prints. */
export function parseDisplays(text: string): readonly BackendDevice[] {
  let document: Json;
  try {
    document = parseJson(text);
  } catch {
    return [];
  }
  const listed = isJsonObject(document) ? document["SPDisplaysDataType"] : undefined;
  const found: BackendDevice[] = [];
  for (const item of isJsonArray(listed) ? listed : []) {
    if (!isJsonObject(item)) continue;
    const name = item["sppci_model"] ?? item["_name"];
    const family = item["spdisplays_mtlgpufamilysupport"] ?? item["spdisplays_metal"];
    if (typeof name !== "string" || typeof family !== "string") continue;
    const capability = family.replace(/^spdisplays_metal/, "Metal ").replace(/^spdisplays_/, "");
    found.push({ index: found.length, name, memoryBytes: null, capability });
  }
  return found;
}
