import { systemCode } from "../../base/errors.ts";
import type { Digest } from "../../store/digest.ts";
import type { Store } from "../../store/store.ts";
import { LeaseLost } from "../../store/work.ts";
import { type KeptWork, keepWork } from "./kept-work.ts";

/** A lease can name 27,000 digests; it never forgets one, so a new lease takes over before that. */
const MAX_NAMED = 20_000;
/** Blobs that wait for a manifest: that of the largest model names 10,000. */
const MAX_PENDING = 12_000;

/** Pushed blobs live by the server's own lease until a manifest names them, or the server closes. */
export class Hold {
  readonly #store: Store;
  /** Under which names they were pushed. */
  readonly #pending = new Map<Digest, Set<string>>();
  #kept: KeptWork | null = null;
  #named = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** True when the blob was pushed under this name and no manifest names it yet. */
  has(name: string, digest: Digest): boolean {
    return this.#pending.get(digest)?.has(name) === true;
  }

  get isFull(): boolean {
    return this.#pending.size >= MAX_PENDING;
  }

  /** After this, gc keeps the blobs. Whether they are there is asked afterwards. */
  async add(name: string, digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) {
      const names = this.#pending.get(digest);
      if (names === undefined) this.#pending.set(digest, new Set([name]));
      else names.add(name);
    }
    await this.#inTurn(() => this.#write(digests));
  }

  /** A manifest of this name names them now. Pushes of the same blobs to other names go on. */
  async settle(name: string, digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) {
      const names = this.#pending.get(digest);
      names?.delete(name);
      if (names?.size === 0) this.#pending.delete(digest);
    }
    await this.#inTurn(() => (this.#pending.size === 0 ? this.#end() : Promise.resolve()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pending.clear();
    await this.#inTurn(() => this.#end());
  }

  async #write(digests: readonly Digest[]): Promise<void> {
    if (this.#closed) throw new LeaseLost();
    if (this.#kept === null || this.#named + digests.length > MAX_NAMED) return this.#renew();
    try {
      this.#named += digests.length;
      await this.#kept.work.name(digests);
    } catch (error) {
      if (!(error instanceof LeaseLost) && systemCode(error) !== "ENOENT") throw error;
      // A collector took it for dead, as after a sleep of the machine.
      await this.#renew();
    }
  }

  /** The new lease names everything before the old one goes. */
  async #renew(): Promise<void> {
    const fresh = await keepWork(this.#store);
    const old = this.#kept;
    this.#kept = fresh;
    this.#named = this.#pending.size;
    await fresh.work.name([...this.#pending.keys()]);
    await old?.end();
  }

  async #end(): Promise<void> {
    const old = this.#kept;
    this.#kept = null;
    this.#named = 0;
    await old?.end();
  }

  async #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
