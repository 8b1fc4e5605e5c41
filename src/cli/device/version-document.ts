import { asAprError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import { findCuda } from "../../device/cuda.ts";
import { cudaReport } from "../../device/report.ts";
import type { DeviceWorld } from "../../device/world.ts";
import { platform } from "../../world/node/platform.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { KEYS } from "../config/keys.ts";
import { COMMIT, VERSION } from "../version.ts";
import { configuredBuilds } from "./builds.ts";

/** What this build and this machine can do. Never throws: a config that cannot be read is part of the report. */
export async function versionDocument(world: DeviceWorld, env: DeviceWorld["env"]): Promise<JsonObject> {
  let config: Config | null = null;
  let problem: string | null = null;
  try {
    config = await loadConfig({ files: world.files, env, folder: workingFolder() });
  } catch (error) {
    problem = asAprError(error).message;
  }
  const limitMs = config?.probe_timeout.value ?? KEYS.probe_timeout.preset;
  const [found, builds] = await Promise.all([
    findCuda(world, limitMs),
    configuredBuilds(world, config?.engines.value ?? []),
  ]);
  return {
    name: "apr",
    version: VERSION,
    commit: COMMIT,
    ...cudaReport(found, builds),
    platform,
    ...(problem === null ? {} : { config_problem: problem }),
  };
}
