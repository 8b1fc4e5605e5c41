import { platform } from "../world/node/platform.ts";

declare const __APR_VERSION__: string;

/** apr's own version, set when it is built. */
export const VERSION: string = __APR_VERSION__;

/** What `apr --version` prints. */
export function versionText(json: boolean): string {
  if (!json) return `apr ${VERSION}\n`;
  return `${JSON.stringify({ name: "apr", version: VERSION, platform })}\n`;
}
