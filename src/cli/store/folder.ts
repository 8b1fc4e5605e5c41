import { isAbsolute, join } from "node:path";

/** The store's folder where nothing else is set; null without a home folder. */
export function storeFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const home = env["HOME"] ?? "";
  return isAbsolute(home) ? join(home, ".apr", "models") : null;
}
