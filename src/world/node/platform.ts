/** What this process runs on. */
export const platform = { os: process.platform, arch: process.arch, node: process.version } as const;
