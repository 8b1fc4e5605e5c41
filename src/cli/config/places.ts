import { isAbsolute, join } from "node:path";
import type { Files } from "../../world/files.ts";

/** Where the person's own file is; null without a home folder. */
export function userFile(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_CONFIG_HOME: config = "", HOME: home = "" } = env;
  if (isAbsolute(config)) return join(config, "apr", "config.yaml");
  return isAbsolute(home) ? join(home, ".config", "apr", "config.yaml") : null;
}

export function projectFile(folder: string): string {
  return join(folder, "apr.yaml");
}

/** Whether there is a config file at all: cheap to ask, so that what reads one is loaded only then. */
export async function hasConfigFile(
  files: Pick<Files, "facts">,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<boolean> {
  for (const path of [userFile(env), projectFile(folder)]) {
    if (path !== null && (await files.facts(path)) !== null) return true;
  }
  return false;
}
