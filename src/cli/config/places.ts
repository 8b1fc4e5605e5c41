import { isAbsolute, join } from "node:path";

/** Where the person's own file is; null without a home folder. */
export function userFile(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_CONFIG_HOME: config = "", HOME: home = "" } = env;
  if (isAbsolute(config)) return join(config, "apr", "config.yaml");
  return isAbsolute(home) ? join(home, ".config", "apr", "config.yaml") : null;
}

export function projectFile(folder: string): string {
  return join(folder, "apr.yaml");
}
