import type { PickleList } from "../pickle/values.ts";

/** Who allocated: one stack, or all that was there before the record began. */
export interface Holder {
  /** Innermost first, as recorded; null where there is none. */
  readonly frames: PickleList | null;
  readonly bytes: number;
  readonly blocks: number;
}

interface Account {
  readonly frames: PickleList | null;
  bytes: number;
  blocks: number;
  /** What came and went since the last peak. */
  sinceBytes: number;
  sinceBlocks: number;
  /** The peak that `since…` counts from. */
  peak: number;
}

/** The account of what has no stack. */
const NO_STACK = -1;

/**
 * Bytes and blocks by stack, now and at the last peak. A peak costs nothing to mark: every account notes what changed
 * since, and what it held then is the difference.
 */
export class Holders {
  readonly #accounts = new Map<number, Account>();
  #peak = 0;

  /** Counts a block in, or out with a `sign` of -1. */
  add(frames: PickleList | null, bytes: number, sign: 1 | -1): void {
    const id = frames === null ? NO_STACK : frames.id;
    let account = this.#accounts.get(id);
    if (account === undefined) {
      account = { frames, bytes: 0, blocks: 0, sinceBytes: 0, sinceBlocks: 0, peak: this.#peak };
      this.#accounts.set(id, account);
    }
    if (account.peak !== this.#peak) {
      account.peak = this.#peak;
      account.sinceBytes = 0;
      account.sinceBlocks = 0;
    }
    account.bytes += sign * bytes;
    account.blocks += sign;
    account.sinceBytes += sign * bytes;
    account.sinceBlocks += sign;
  }

  /** A block that was there from the first event on. */
  addBefore(frames: PickleList | null, bytes: number): void {
    this.add(frames, bytes, 1);
    const account = this.#accounts.get(frames === null ? NO_STACK : frames.id);
    if (account === undefined) return;
    account.sinceBytes -= bytes;
    account.sinceBlocks -= 1;
  }

  /** What is held now is the peak. */
  markPeak(): void {
    this.#peak += 1;
  }

  /** Everyone who held memory at the last peak, the largest first. */
  atPeak(): Holder[] {
    const held = [...this.#accounts.values()].map(({ frames, peak, ...account }) => {
      const since = peak === this.#peak;
      return {
        frames,
        bytes: account.bytes - (since ? account.sinceBytes : 0),
        blocks: account.blocks - (since ? account.sinceBlocks : 0),
      };
    });
    return held.filter(({ blocks }) => blocks > 0).sort((a, b) => b.bytes - a.bytes);
  }
}
