import { systemCode } from "../../base/errors.ts";
import { packagedFile } from "../../world/node/package-files.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { World } from "../../world/world.ts";
import type { RunFolderWishes } from "./run-wishes.ts";

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

type FolderWorld = Pick<World, "files" | "host" | "env">;

/** Makes it; a sentence when it could not be made, and the program runs without. */
export async function makeRunFolder({ pytorch, nodeReport }: RunFolderWishes): Promise<RunFolder | string> {
  const world: FolderWorld = nodeWorld;
  const existing = world.env["NODE_OPTIONS"] ?? "";
  try {
    const path = await world.files.makeTempFolder(`${world.host.tempFolder}/apr-run-`);
    return {
      path,
      ...(await pytorchPart(world, path, pytorch)),
      ...(nodeReport ? await nodePart(world, path) : {}),
      env: {
        ...(pytorch ? pytorchEnv(world, path) : {}),
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

/** Takes it away with all that is in it. */
export async function removeRunFolder({ path }: RunFolder): Promise<void> {
  await nodeWorld.files.remove(path).catch(() => undefined);
}
