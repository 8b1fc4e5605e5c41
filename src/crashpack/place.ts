import { isAbsolute, join } from "node:path";

/**
 * The folder where packs are kept by default: `$XDG_STATE_HOME/apr/crashpacks`, else `~/.local/state/apr/crashpacks`.
 * Null without a home. A relative `XDG_STATE_HOME` does not count, as its specification says.
 */
export function defaultPackFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const state = env["XDG_STATE_HOME"] ?? "";
  if (isAbsolute(state)) return join(state, "apr", "crashpacks");
  const home = env["HOME"] ?? "";
  return isAbsolute(home) ? join(home, ".local", "state", "apr", "crashpacks") : null;
}
