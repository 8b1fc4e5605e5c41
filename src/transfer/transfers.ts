import { transfersFolder } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { readJournal } from "./journal/journal.ts";
import { isLive, type WorkplaceName, workplaces } from "./workplace.ts";
import { chunkRange } from "./plan.ts";
import type { JournaledBlob } from "./journal/replay.ts";
import type { TransferWorld } from "./world.ts";

/** An unfinished pull. */
export interface Unfinished {
  readonly place: WorkplaceName;
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
}

/** Every unfinished pull of a store, sorted by id. */
export async function listTransfers(world: TransferWorld, store: Store): Promise<readonly Unfinished[]> {
  const found: Unfinished[] = [];
  for (const place of await workplaces(store)) {
    const { begin, blobs } = await readJournal(world, `${transfersFolder(store.root)}/${place.name}/journal`);
    const sizes = [...blobs.values()].map(({ sizeBytes }) => sizeBytes);
    const known = sizes.every((size) => size !== null);
    found.push({
      place,
      id: place.id,
      ref: begin?.ref ?? null,
      from: begin?.from ?? [],
      tag: begin?.tag ?? null,
      totalBytes: known ? sizes.reduce((sum, size) => sum + size, 0) : null,
      haveBytes: [...blobs.values()].reduce((sum, blob) => sum + haveBytes(blob), 0),
      live: await isLive(store, place),
    });
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function haveBytes({ sizeBytes, chunkBytes, have }: JournaledBlob): number {
  if (sizeBytes === null) return 0;
  let sum = 0;
  for (const index of have.keys()) sum += Math.max(0, chunkRange(index, sizeBytes, chunkBytes).sizeBytes);
  return sum;
}
