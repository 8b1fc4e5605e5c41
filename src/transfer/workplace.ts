import { AprError, systemCode } from "../base/errors.ts";
import { parentOf, transfersFolder } from "../store/layout.ts";
import { MAX_FOLDER_ENTRIES } from "../store/limits.ts";
import type { Store } from "../store/store.ts";
import { holderName, LeaseLost } from "../store/work.ts";
import { HEARTBEAT_MS, SILENCE_MS, WAIT_LOOK_MS } from "./limits.ts";
import type { TransferWorld } from "./world.ts";

// An unfinished pull is one folder, `transfers/pull-<id>.<host>.<pid>.<random>`: its journal, the manifest that it
// is about, and one part file a blob. The name says who works on it. Whoever takes over from a process that has
// ended renames the folder to a name of its own: only one can, and the other's next step finds its folder gone.
// Whoever stops with something to go on from leaves the folder to process 0, which is nobody.

const NAME = /^pull-([0-9a-f]{16})\.([A-Za-z0-9-]{1,63})\.(0|[1-9][0-9]{0,9})\.([0-9a-f]{12})$/;
const NS_PER_MS = 1_000_000n;
const MAX_BOOT_ID_BYTES = 256;

export interface WorkplaceName {
  readonly name: string;
  readonly id: string;
  readonly pid: number;
}

/** Every unfinished pull of a store, by name. */
export async function workplaces(store: Store): Promise<readonly WorkplaceName[]> {
  const entries = await store.world.files.entries(transfersFolder(store.root), MAX_FOLDER_ENTRIES);
  const found: WorkplaceName[] = [];
  for (const { name, kind } of entries ?? []) {
    const [, id = "", , pid = ""] = (kind === "folder" ? NAME.exec(name) : null) ?? [];
    if (id !== "") found.push({ name, id, pid: Number(pid) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** True while its process lives; another machine's is believed for a minute after its last sign of life. */
export async function isLive(store: Store, { name, pid }: WorkplaceName): Promise<boolean> {
  const { clock, files, host, processes } = store.world;
  if (pid === 0) return false;
  const ours = name.split(".").slice(1, 3).join(".") === holderName({ name: host.name, pid });
  const folder = `${transfersFolder(store.root)}/${name}`;
  if (ours && !processes.isAlive(pid)) return false;
  // A process of an earlier start of the machine, whose number another one has now.
  if (ours && (await isOfEarlierStart(store, folder))) return false;
  // In a container every process may have the number of this one: then only its signs of life tell.
  if (ours && pid !== host.pid) return true;
  const sign = (await files.facts(`${folder}/alive`)) ?? (await files.facts(folder));
  if (sign === null) return false;
  return Math.abs(clock.wallMs() - Number(sign.modifiedNs / NS_PER_MS)) < SILENCE_MS;
}

async function isOfEarlierStart({ world: { files, host } }: Store, folder: string): Promise<boolean> {
  const read = await files.readSmall(`${folder}/alive`, MAX_BOOT_ID_BYTES);
  const boot = read.kind === "bytes" ? Buffer.from(read.bytes).toString("utf8") : "";
  return boot !== "" && host.bootId !== "" && boot !== host.bootId;
}

export interface Claimed {
  readonly folder: string;
  /** It was there, left by a process that has ended. */
  readonly resumed: boolean;
}

/**
 * Makes the folder of a transfer one's own: a new one, or one that a process left that has ended. While another
 * live process works on the same transfer, this waits for it. Null when it was finished or given up meanwhile.
 */
export async function claim(
  store: Store,
  id: string,
  signal: AbortSignal,
  onWait: (pid: number) => void,
): Promise<Claimed | null> {
  let [waited, told] = [false, false];
  for (;;) {
    signal.throwIfAborted();
    const same = (await workplaces(store)).filter((each) => each.id === id);
    const live = await firstLive(store, same);
    const [left] = same;
    if (live === null && left === undefined) {
      if (waited) return null;
      const folder = await makeNew(store, id);
      if (!(await othersOf(store, id, folder))) return { folder, resumed: false };
      // Both have made one at the same moment, and both step back: not again at the same moment.
      waited = true;
      await store.world.files.remove(folder);
      await store.world.timers.sleep(store.world.random.bytes(1)[0] ?? 0, signal);
    } else if (live === null && left !== undefined) {
      const folder = await takeOver(store, id, left.name);
      if (folder === null) continue;
      await signOfLife(store, folder);
      return { folder, resumed: true };
    } else if (live !== null) {
      if (!told) onWait(live.pid);
      [waited, told] = [true, true];
      await store.world.timers.sleep(WAIT_LOOK_MS, signal);
    }
  }
}

async function firstLive(store: Store, places: readonly WorkplaceName[]): Promise<WorkplaceName | null> {
  for (const place of places) if (await isLive(store, place)) return place;
  return null;
}

/** True when another folder of the same transfer is there: each makes its own first and looks afterwards. */
async function othersOf(store: Store, id: string, folder: string): Promise<boolean> {
  return (await workplaces(store)).some((each) => each.id === id && !folder.endsWith(`/${each.name}`));
}

async function makeNew(store: Store, id: string): Promise<string> {
  const folder = newPath(store, id);
  const { files } = store.world;
  await makeIn(store, folder);
  try {
    await files.syncFolder(parentOf(folder));
  } catch (error) {
    await files.remove(folder).catch(() => undefined);
    throw error;
  }
  return folder;
}

async function makeIn(store: Store, folder: string): Promise<void> {
  const { files } = store.world;
  try {
    await files.makeOneFolder(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await files.makeOneFolder(transfersFolder(store.root));
    await files.syncFolder(store.root);
    await files.makeOneFolder(folder);
  }
}

async function takeOver(store: Store, id: string, name: string): Promise<string | null> {
  const folder = newPath(store, id);
  const moved = await store.world.files.move(`${transfersFolder(store.root)}/${name}`, folder);
  return moved ? folder : null;
}

/** Leaves a folder to whoever comes next: from now on nobody works on it. */
export async function release(store: Store, id: string, folder: string): Promise<void> {
  await store.world.files.move(folder, newPath(store, id, 0));
}

function newPath(store: Store, id: string, pid: number = store.world.host.pid): string {
  const unique = Buffer.from(store.world.random.bytes(6)).toString("hex");
  const holder = holderName({ name: store.world.host.name, pid });
  return `${transfersFolder(store.root)}/pull-${id}.${holder}.${unique}`;
}

/** Shows that this transfer is alive, and finds out when another machine has taken it over. */
export async function beat(store: Store, folder: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await signOfLife(store, folder);
    await store.world.timers.sleep(HEARTBEAT_MS, signal);
  }
}

/** What it holds tells a process from one of an earlier start of the machine. */
async function signOfLife({ world: { files, host } }: Store, folder: string): Promise<void> {
  try {
    await files.write(`${folder}/alive`, host.bootId);
  } catch (error) {
    // A full disk stops no transfer that has its room.
    if (systemCode(error) === "ENOENT") throw new LeaseLost(error);
  }
}

/** Throws `LeaseLost` when the folder was taken over or cleared away. */
export async function requireOwn(world: TransferWorld, folder: string): Promise<void> {
  if ((await world.files.facts(folder)) === null) throw new LeaseLost();
}

/** Clears an unfinished pull away. Throws `exists` while a process works on it. */
export async function abandon(store: Store, place: WorkplaceName): Promise<void> {
  if (await isLive(store, place)) {
    throw new AprError("exists", `process ${place.pid} is working on this transfer`, {
      hint: `stop it first: kill -INT ${place.pid}`,
      fields: { code: "transfer-live", pid: place.pid },
    });
  }
  const folder = await takeOver(store, place.id, place.name);
  if (folder !== null) await store.world.files.remove(folder);
}
