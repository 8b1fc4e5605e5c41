import { MAX_UNSYNCED_BYTES, SYNC_BYTES } from "../limits.ts";
import type { Transfer } from "../transfer.ts";
import type { Job } from "./job.ts";
import type { Notifier } from "./notifier.ts";

// Puts received chunks on the medium, a few at a time, beside the fetching. Data first, then the record that
// says so: a power cut loses at most what is unsynced, and nothing is fetched while that is too much.

export class Syncer {
  readonly #transfer: Transfer;
  readonly #changes: Notifier;
  #dirty = new Map<Job, number>();
  #unsyncedBytes = 0;
  #over = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(transfer: Transfer, changes: Notifier) {
    this.#transfer = transfer;
    this.#changes = changes;
  }

  /** True while nothing more should be fetched. */
  get behind(): boolean {
    return this.#unsyncedBytes >= MAX_UNSYNCED_BYTES;
  }

  add(job: Job, bytes: number): void {
    this.#dirty.set(job, (this.#dirty.get(job) ?? 0) + bytes);
    this.#unsyncedBytes += bytes;
  }

  /** No more chunks come. */
  finish(): void {
    this.#over = true;
    this.#changes.notify();
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      while (this.#waitingBytes() < SYNC_BYTES && !this.#over) await this.#changes.wait(signal);
      if (this.#over) return;
      await this.sync();
    }
  }

  /** Syncs all that was received until now. Calls run one after the other. */
  sync(): Promise<void> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#syncOnce());
    this.#turn = turn;
    return turn;
  }

  async #syncOnce(): Promise<void> {
    const { journal } = this.#transfer;
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Map();
    const upto = journal.lastNumber;
    for (const job of dirty.keys()) await job.file?.sync();
    journal.append({ kind: "sync", upto });
    await journal.sync();
    for (const bytes of dirty.values()) this.#unsyncedBytes -= bytes;
    this.#changes.notify();
  }

  #waitingBytes(): number {
    let sum = 0;
    for (const bytes of this.#dirty.values()) sum += bytes;
    return sum;
  }
}
