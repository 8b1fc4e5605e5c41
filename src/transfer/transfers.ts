import { transfersFolder } from "../store/layout.ts";
import { MAX_FOLDER_ENTRIES } from "../store/limits.ts";
import type { Store } from "../store/store.ts";
import { readJournal } from "./journal/journal.ts";
import { journaledBytes } from "./journal/replay.ts";
import { abandon, isLive, type WorkplaceName, workplaces } from "./workplace.ts";
import type { TransferWorld } from "./world.ts";

/** A transfer that is not over. */
export interface Unfinished {
  readonly kind: "pull" | "push";
  readonly id: string;
  /** Null when its journal says nothing: it stopped before it began. */
  readonly ref: string | null;
  readonly from: readonly string[];
  readonly tag: string | null;
  /** Of the blobs that were not in the store; null where nobody told. */
  readonly totalBytes: number | null;
  readonly haveBytes: number;
  /** A process works on it. */
  readonly live: boolean;
  /** Its folder's name; null for a push, whose journal only remembers uploads at a registry. */
  readonly place: WorkplaceName | null;
}

const PUSH = /^push-([0-9a-f]{16})$/;

/** Every unfinished transfer of a store, sorted by id. */
export async function listTransfers(world: TransferWorld, store: Store): Promise<readonly Unfinished[]> {
  const found: Unfinished[] = [];
  for (const place of await workplaces(store)) {
    const { begin, blobs } = await readJournal(world, `${transfersFolder(store.root)}/${place.name}/journal`);
    const sizes = [...blobs.values()].map(({ sizeBytes }) => sizeBytes);
    const known = sizes.every((size) => size !== null);
    found.push({
      kind: "pull",
      id: place.id,
      ref: begin?.ref ?? null,
      from: begin?.from ?? [],
      tag: begin?.tag ?? null,
      totalBytes: known ? sizes.reduce((sum, size) => sum + size, 0) : null,
      haveBytes: [...blobs.values()].reduce((sum, blob) => sum + journaledBytes(blob), 0),
      live: await isLive(store, place),
      place,
    });
  }
  const nothing = {
    ref: null,
    from: [],
    tag: null,
    totalBytes: null,
    haveBytes: 0,
    live: false,
    place: null,
  };
  for (const { name } of (await world.files.entries(transfersFolder(store.root), MAX_FOLDER_ENTRIES)) ?? []) {
    const id = PUSH.exec(name)?.[1];
    if (id !== undefined) found.push({ kind: "push", id, ...nothing });
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Clears one away. Throws `exists` while a process works on it. */
export async function abortTransfer(store: Store, { id, place }: Unfinished): Promise<void> {
  if (place !== null) await abandon(store, place);
  else await store.world.files.remove(`${transfersFolder(store.root)}/push-${id}`);
}
