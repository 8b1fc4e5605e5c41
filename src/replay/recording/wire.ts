import type { Json } from "../../base/json.ts";
import type { NetHead } from "../../world/net.ts";

/** How a value goes into a record and comes back. `decode` throws for what it would not have written. */
export interface Codec<T> {
  readonly encode: (value: T) => Json;
  readonly decode: (json: Json) => T;
}

/** What the engine hears of a call before it comes back. */
export interface Meanwhile {
  /** Told at once, and often: it may only count. */
  readonly number?: ((value: number) => void) | undefined;
  readonly told?: ((value: Json) => void) | undefined;
  /** Asked at once, in the middle of the call: it may set nothing off. */
  readonly head?: ((head: NetHead) => boolean) | undefined;
  /** When this was aborted, a failure may be its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The same, as the real call tells it. */
export interface Told {
  readonly number: (value: number) => void;
  readonly told: (value: Json) => void;
  readonly head: (head: NetHead) => boolean;
}

/**
 * Between the engine and its world. One make of it asks the real world and keeps what it says; the other says it again
 * and has no world. The engine cannot tell them apart: what comes back comes one at a time, each after everything that
 * the one before has set off.
 */
export interface Wire {
  /** `words` say what is asked: they must be the same the next time. */
  call<T>(words: string, codec: Codec<T>, ask: (told: Told) => Promise<T>, meanwhile?: Meanwhile): Promise<T>;
  clock(which: "monotonic" | "wall", ask: () => number): number;
  value<T>(words: string, codec: Codec<T>, ask: () => T): T;
  /** A signal that is aborted when the real one is, in its turn. */
  stopSignal(real: AbortSignal): AbortSignal;
}
