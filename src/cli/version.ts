declare const __APR_VERSION__: string;

/** apr's own version, set when it is built. */
export const VERSION: string = __APR_VERSION__;

/** What `apr --version` prints. */
export function versionText(json: boolean): string {
  if (!json) return `apr ${VERSION}\n`;
  const { platform, arch, version } = process;
  return `${JSON.stringify({ name: "apr", version: VERSION, platform: { os: platform, arch, node: version } })}\n`;
}
