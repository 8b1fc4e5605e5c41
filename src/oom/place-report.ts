import type { World } from "../world/world.ts";

/** Where the contract wants reports. Source: SPEC, crux-f-13. */
export const REPORT_FOLDER = "/tmp";

type ReportWorld = Pick<World, "files" | "random">;

/** Names tried for one second: the plain one, then with three more digits, then with random ones. */
const MAX_NUMBERED = 100;
const MAX_RANDOM = 100;
const OWNER_ONLY = 0o600;

/**
 * Puts a report into a folder under a name that was free, and gives its path. It is written under another name, synced,
 * and linked to its own: the link is refused where anything stands, a symbolic link too. Nothing is ever overwritten,
 * and no reader sees half a report. Mode 0600. Throws the system's error; then nothing is left behind.
 */
export async function placeReport(
  world: ReportWorld,
  folder: string,
  unixSeconds: number,
  text: string,
): Promise<string> {
  const temporary = `${folder}/.apr-oom-${hex(world.random.bytes(8))}.tmp`;
  try {
    await writeNew(world, temporary, text);
    const path = await linkFree(world, temporary, folder, unixSeconds, text);
    // On some file systems a folder cannot be synced; the report itself was.
    await world.files.syncFolder(folder).catch(() => undefined);
    return path;
  } finally {
    await world.files.unlink(temporary).catch(() => false);
  }
}

async function linkFree(
  world: ReportWorld,
  temporary: string,
  folder: string,
  unixSeconds: number,
  text: string,
): Promise<string> {
  for (let attempt = 0; attempt < MAX_NUMBERED + MAX_RANDOM; attempt++) {
    const path = `${folder}/${reportName(world, unixSeconds, attempt)}`;
    const outcome = await world.files.link(temporary, path);
    if (outcome === "linked") return path;
    // A file system without hard links: made in place, which also fails where anything stands.
    if (outcome === "unsupported" && (await writtenInPlace(world, path, text))) return path;
    if (outcome === "absent") break;
  }
  throw new Error(`no free name for a report in ${folder}`);
}

/** Digits only, as the contract wants; two reports of one second differ. */
function reportName(world: ReportWorld, unixSeconds: number, attempt: number): string {
  if (attempt === 0) return `apr-oom-${unixSeconds}.json`;
  if (attempt < MAX_NUMBERED) return `apr-oom-${unixSeconds}${String(attempt).padStart(3, "0")}.json`;
  const digits = [...world.random.bytes(9)].map((byte) => byte % 10).join("");
  return `apr-oom-${unixSeconds}${digits}.json`;
}

async function writtenInPlace(world: ReportWorld, path: string, text: string): Promise<boolean> {
  if ((await world.files.facts(path)) !== null) return false;
  await writeNew(world, path, text);
  return true;
}

async function writeNew(world: ReportWorld, path: string, text: string): Promise<void> {
  const file = await world.files.createNew(path, OWNER_ONLY);
  try {
    await file.writeAt(Buffer.from(text, "utf8"), 0);
    await file.sync();
  } catch (error) {
    await world.files.unlink(path).catch(() => false);
    throw error;
  } finally {
    await file.close();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
