import { MAX_UNSYNCED_BYTES } from "../limits.ts";
import type { Transfer } from "../transfer.ts";
import type { Job } from "./job.ts";
import type { Notifier } from "./notifier.ts";

// Puts received chunks on the medium, a few at a time, beside the fetching. Data first, then the record that
// says so: a power cut loses at most what is unsynced, and nothing is fetched while that is too much.

export class Syncer {
  readonly #transfer: Transfer;
  readonly #changes: Notifier;
  readonly #mostBytes: number;
  #dirty = new Map<Job, number>();
  #unsyncedBytes = 0;
  #over = false;
  #failure: { readonly error: unknown } | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** Of the jobs, those that an earlier run has brought chunks of are synced first: it may not have come to that. */
  constructor(transfer: Transfer, changes: Notifier, jobs: readonly Job[]) {
    this.#transfer = transfer;
    this.#changes = changes;
    this.#mostBytes = transfer.options.unsyncedBytes ?? MAX_UNSYNCED_BYTES;
    for (const job of jobs) if (job.full || job.haveBytes() > 0) this.#dirty.set(job, 0);
  }

  /** True while nothing more should be fetched. */
  get behind(): boolean {
    return this.#unsyncedBytes >= this.#mostBytes;
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
    const atOnceBytes = this.#mostBytes / 2;
    const isTime = (): boolean => this.#over || this.#waitingBytes() >= atOnceBytes;
    for (;;) {
      while (!isTime()) await this.#changes.wait(signal, isTime);
      if (this.#over) return;
      await this.sync();
    }
  }

  /** Syncs all that was received until now. Calls run one after the other. */
  sync(): Promise<void> {
    const syncOnce = (): Promise<void> => this.#syncOnce();
    this.#turn = this.#turn.then(syncOnce, syncOnce);
    return this.#turn;
  }

  async #syncOnce(): Promise<void> {
    // The disk forgets a failed sync, and says yes to the next one: nothing may be believed any more.
    if (this.#failure !== null) return this.#giveUp(this.#failure.error);
    const { journal } = this.#transfer;
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Map();
    const upto = journal.lastNumber;
    try {
      for (const job of dirty.keys()) await this.#syncData(job);
    } catch (error) {
      await this.#giveUp(error);
    }
    journal.append({ kind: "sync", upto });
    await journal.sync();
    for (const bytes of dirty.values()) this.#unsyncedBytes -= bytes;
    this.#changes.notify();
  }

  /** A blob that this run has not got to yet is not open. */
  #syncData(job: Job): Promise<void> {
    if (job.file !== null) return job.file.sync();
    return this.#syncClosed(job);
  }

  async #syncClosed(job: Job): Promise<void> {
    const file = await this.#transfer.world.files.openUpdate(job.partPath);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #giveUp(cause: unknown): Promise<never> {
    this.#failure ??= { error: cause };
    const { journal } = this.#transfer;
    journal.append({ kind: "lost" });
    // Where that cannot be written, on a full disk, nothing of the journal may be believed: cutting it takes no room.
    await journal.sync().catch(() => journal.discard().catch(() => undefined));
    throw cause;
  }

  #waitingBytes(): number {
    let sum = 0;
    for (const bytes of this.#dirty.values()) sum += bytes;
    return sum;
  }
}
