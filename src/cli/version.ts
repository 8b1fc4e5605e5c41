declare const __APR_VERSION__: string;
declare const __APR_COMMIT__: string | null;

/** apr's own version, set when it is built. */
export const VERSION: string = __APR_VERSION__;

/** The commit that it was built from; null outside a checkout. */
export const COMMIT: string | null = __APR_COMMIT__;

/** What `apr --version` prints. */
export function versionText(): string {
  return `apr ${VERSION}\n`;
}
