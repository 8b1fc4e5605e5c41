import { basename } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { packagedFile } from "../../world/node/package-files.ts";
import type { World } from "../../world/world.ts";

/** What a program is asked to leave behind when it runs out of memory, and where it finds that out. */
export interface RunFolder {
  /** Private, mode 0700. */
  readonly path: string;
  /** Variables that the program gets besides. */
  readonly env: Readonly<Record<string, string>>;
  /** Where PyTorch's dumps come, and Node's reports; undefined where they were not asked for. */
  readonly dumps?: string;
  readonly nodeReports?: string;
}

export interface RunFolderWishes {
  readonly pytorch: boolean;
  /** Undefined: where the program looks like one of Node's. */
  readonly nodeReport: boolean | undefined;
}

type FolderWorld = Pick<World, "files" | "host" | "env">;

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

/** Null when nothing was asked for; a sentence when the folder could not be made, and the program runs without. */
export async function makeRunFolder(
  world: FolderWorld,
  argv: readonly [string, ...string[]],
  wishes: RunFolderWishes,
): Promise<RunFolder | null | string> {
  const existing = world.env["NODE_OPTIONS"] ?? "";
  const node = wishes.nodeReport ?? NODE_PROGRAMS.has(basename(argv[0]));
  // Whoever has asked for such reports wants them where they said.
  const nodeReport = node && !/--report-|--diagnostic-report/.test(existing);
  if (!wishes.pytorch && !nodeReport) return null;
  try {
    const path = await world.files.makeTempFolder(`${world.host.tempFolder}/apr-run-`);
    return {
      path,
      ...(await pytorchPart(world, path, wishes.pytorch)),
      ...(nodeReport ? await nodePart(world, path) : {}),
      env: {
        ...(wishes.pytorch ? pytorchEnv(world, path) : {}),
        ...(nodeReport ? { NODE_OPTIONS: nodeOptions(path, existing) } : {}),
      },
    };
  } catch (error) {
    return `no folder for the program's own reports (${systemCode(error) ?? String(error)}): it runs without them`;
  }
}

async function pytorchPart(world: FolderWorld, path: string, wanted: boolean): Promise<{ dumps?: string }> {
  if (!wanted) return {};
  const dumps = `${path}/dumps`;
  await world.files.makeFolder(dumps);
  await world.files.makeFolder(`${path}/python`);
  await world.files.write(`${path}/python/sitecustomize.py`, packagedFile("shim/sitecustomize.py"), 0o600);
  return { dumps };
}

function pytorchEnv(world: FolderWorld, path: string): Readonly<Record<string, string>> {
  const before = world.env["PYTHONPATH"] ?? "";
  return {
    PYTHONPATH: before === "" ? `${path}/python` : `${path}/python:${before}`,
    APR_TORCH_DUMPS: `${path}/dumps`,
  };
}

async function nodePart(world: FolderWorld, path: string): Promise<{ readonly nodeReports: string }> {
  const nodeReports = `${path}/node`;
  await world.files.makeFolder(nodeReports);
  return { nodeReports };
}

function nodeOptions(path: string, existing: string): string {
  // Node reads quotes and backslashes in this variable as a shell would within double quotes.
  const folder = `"${`${path}/node`.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
  return `${existing} --report-on-fatalerror --report-directory=${folder}`.trim();
}
