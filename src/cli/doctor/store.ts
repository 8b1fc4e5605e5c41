import { dirname, join } from "node:path";
import { formatBytes } from "../../base/units.ts";
import { mayWrite } from "../../world/node/access.ts";
import type { World } from "../../world/world.ts";
import { type Check, check, type Feature } from "./check.ts";

const NEEDED: readonly Feature[] = ["store", "transfers"];

/** The store's folder, its room and its file system. Nothing is left behind. */
export async function checkStore(world: World, root: string): Promise<readonly Check[]> {
  const folder = await nearestFolder(world, root);
  const there = folder === root;
  // A link to a folder is as good as one; below a file nothing can be made.
  const real = await world.files.realPath(folder).catch(() => folder);
  const isFolder = (await world.files.facts(real).catch(() => null))?.kind === "folder";
  const writable = isFolder && mayWrite(folder);
  const free = await world.files.space(folder).then(
    ({ freeBytes }) => freeBytes,
    () => null,
  );
  const type = await fileSystemOf(world, folder);
  const shares = there && writable ? await tryReflink(world, root) : null;
  const where = `${root}${there ? "" : " (not made yet)"}`;
  const shared =
    shares === null ? "tried once the store is there" : shares ? "files share blocks" : "hard links are used";
  return [
    check(
      "store",
      "APR-DOCTOR-STORE",
      { writable },
      {
        finding: `${where}${writable ? "" : ", not writable"}`,
        neededFor: NEEDED,
        fix: "export APR_MODELS=DIR   # a folder of your own",
      },
    ),
    check("space", "APR-DOCTOR-SPACE", free === null ? {} : { free_bytes: free }, {
      finding: free === null ? "unknown" : `${formatBytes(free)} free`,
      fix: "apr gc",
    }),
    check(
      "file system",
      "APR-DOCTOR-FILE-SYSTEM",
      { type },
      {
        finding: type ?? "unknown",
        fix: "export APR_MODELS=DIR   # on a disk of this machine",
      },
    ),
    check(
      "reflink",
      "APR-DOCTOR-REFLINK",
      { reflink: shares },
      {
        finding: shared,
        fix: shares === false ? "mkfs.xfs or mkfs.btrfs make file systems that share blocks" : null,
      },
    ),
  ];
}

/** The folder itself, or the nearest one above that is there. */
async function nearestFolder(world: World, path: string): Promise<string> {
  let folder = path;
  while (folder !== "/" && (await world.files.facts(folder).catch(() => null)) === null)
    folder = dirname(folder);
  return folder;
}

const MAX_MOUNTS_BYTES = 4 * 1024 * 1024;

/** The type of the file system on which a folder lies; null where the kernel does not tell. */
async function fileSystemOf(world: World, folder: string): Promise<string | null> {
  const facts = await world.files.realPath(folder).catch(() => folder);
  const bytes = await world.files.readBounded("/proc/self/mountinfo", MAX_MOUNTS_BYTES).catch(() => null);
  if (bytes === null) return null;
  let best = { point: "", type: null as string | null };
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    const fields = line.split(" ");
    const point = (fields[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const inside = facts === point || facts.startsWith(point.endsWith("/") ? point : `${point}/`);
    // A later mount on the same point hides the earlier one.
    if (!inside || point.length < best.point.length) continue;
    best = { point, type: fields[fields.indexOf("-", 6) + 1] ?? null };
  }
  return best.type;
}

/** Shares one small file's blocks for a moment; null where even that file could not be made. */
async function tryReflink(world: World, root: string): Promise<boolean | null> {
  const folder = await world.files.makeTempFolder(join(root, ".apr-doctor-")).catch(() => null);
  if (folder === null) return null;
  try {
    await world.files.write(join(folder, "a"), "a");
    return await world.files.reflink(join(folder, "a"), join(folder, "b"));
  } catch {
    return null;
  } finally {
    await world.files.remove(folder);
  }
}
