import { basename } from "node:path";

/** What a program is to leave behind when it runs out of memory. */
export interface RunFolderWishes {
  readonly pytorch: boolean;
  readonly nodeReport: boolean;
}

const NODE_PROGRAMS: ReadonlySet<string> = new Set([
  ...[
    "node",
    "nodejs",
    "npm",
    "npx",
    "pnpm",
    "pnpx",
    "yarn",
    "tsx",
    "ts-node",
    "next",
    "vite",
    "jest",
    "vitest",
  ],
]);

/** Null when there is nothing to wish for: most programs need no folder, and no time is spent on one. */
export function runFolderWishes(
  program: string,
  flags: { readonly pytorch: boolean; readonly nodeReport?: boolean },
  nodeOptions: string | undefined,
): RunFolderWishes | null {
  const node = flags.nodeReport ?? NODE_PROGRAMS.has(basename(program));
  // Whoever has asked for such reports wants them where they said.
  const nodeReport = node && !/--report-|--diagnostic-report/.test(nodeOptions ?? "");
  return flags.pytorch || nodeReport ? { pytorch: flags.pytorch, nodeReport } : null;
}
