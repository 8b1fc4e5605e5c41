import type { EmitTransfer, ObligationKind } from "../evidence/transfer-events.ts";

/** Something that is held and must end exactly once. */
export interface Obligation {
  commit(): void;
  abort(why: string): void;
  open(): boolean;
}

/** Hands out obligations and tells the trace of their beginning and end. */
export class Obligations {
  readonly #emit: EmitTransfer;
  readonly #label: string;
  #count = 0;

  constructor(emit: EmitTransfer, label = "") {
    this.#emit = emit;
    this.#label = label;
  }

  reserve(what: ObligationKind, of: string): Obligation {
    const id = `${this.#label}${what}-${++this.#count}`;
    this.#emit("reserve", { id, what, of });
    return new Held(this.#emit, id);
  }
}

class Held implements Obligation {
  readonly #emit: EmitTransfer;
  readonly #id: string;
  #open = true;

  constructor(emit: EmitTransfer, id: string) {
    this.#emit = emit;
    this.#id = id;
  }

  commit(): void {
    this.#end();
    this.#emit("commit", { id: this.#id });
  }

  abort(why: string): void {
    this.#end();
    this.#emit("abort", { id: this.#id, why });
  }

  open(): boolean {
    return this.#open;
  }

  #end(): void {
    if (!this.#open) throw new Error(`${this.#id} ended twice`);
    this.#open = false;
  }
}
