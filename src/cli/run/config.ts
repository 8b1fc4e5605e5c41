import { EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { KEY_NAMES, KEYS } from "../config/keys.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { projectFile, userFile } from "../config/places.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute } from "../store/open.ts";
import { storeFolder } from "../store/folder.ts";
import { table } from "../store/table.ts";

export interface ConfigFlags extends StoreFlags {
  readonly device?: string;
}

export const run: Run<ConfigFlags, []> = async (context, flags) => {
  const { env } = context;
  const folder = workingFolder();
  const told = {
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.store === undefined ? {} : { models: absolute(flags.store) }),
  };
  const config = await loadConfig({ files: nodeFiles, env, folder }, told);
  const files: string[] = [];
  for (const path of [userFile(env), projectFile(folder)]) {
    if (path !== null && (await nodeFiles.facts(path)) !== null) files.push(path);
  }
  const shown = KEY_NAMES.map((key) => ({ key, ...config[key], value: valueOf(config, key, env) }));
  if (flags.json) {
    const settings = shown.map(({ key, value, origin, from }): JsonObject => {
      return { key, value, origin, from, variable: KEYS[key].variable, about: KEYS[key].about };
    });
    context.out(`${stringifyJson({ settings, files })}\n`);
    return EXIT.ok;
  }
  const rows = shown.map(({ key, value, origin, from }) => {
    const text =
      value === null || value.length === 0 ? "-" : typeof value === "string" ? value : value.join(", ");
    return [key, text, from ?? origin];
  });
  context.out(table([["SETTING", "VALUE", "FROM"], ...rows]));
  return EXIT.ok;
};

function valueOf(
  config: Config,
  key: (typeof KEY_NAMES)[number],
  env: Readonly<Record<string, string | undefined>>,
): string | readonly string[] | null {
  if (key === "probe_timeout") return `${config.probe_timeout.value}ms`;
  if (key === "models") return config.models.value ?? storeFolder(env);
  return config[key].value;
}
