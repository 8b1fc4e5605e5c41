import type { EmitTransfer, ObligationKind } from "../evidence/transfer-events.ts";

/** Something that is held and must end exactly once. */
export interface Obligation {
  readonly commit: () => void;
  readonly abort: (why: string) => void;
  readonly open: () => boolean;
}

/** Hands out obligations and tells the trace of their beginning and end. */
export class Obligations {
  readonly #emit: EmitTransfer;
  readonly #label: string;
  #count = 0;
  readonly #open = new Set<string>();

  constructor(emit: EmitTransfer, label = "") {
    this.#emit = emit;
    this.#label = label;
  }

  get openCount(): number {
    return this.#open.size;
  }

  reserve(what: ObligationKind, of: string): Obligation {
    const id = `${this.#label}${what}-${++this.#count}`;
    this.#emit("reserve", { id, what, of });
    this.#open.add(id);
    const end = (tell: () => void): void => {
      if (!this.#open.delete(id)) throw new Error(`${id} ended twice`);
      tell();
    };
    return {
      commit: () => end(() => this.#emit("commit", { id })),
      abort: (why) => end(() => this.#emit("abort", { id, why })),
      open: () => this.#open.has(id),
    };
  }
}
