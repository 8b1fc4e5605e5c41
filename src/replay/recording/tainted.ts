import type { Hasher } from "../../world/hash.ts";
import { aText } from "./codecs.ts";
import type { Wire } from "./wire.ts";

/** Memory that holds content which no record keeps: what is computed from it must be kept instead. */
export class Tainted {
  readonly #memory = new WeakSet<ArrayBufferLike>();

  add(buffer: Uint8Array): void {
    this.#memory.add(buffer.buffer);
  }

  has(data: Uint8Array | string): boolean {
    return typeof data !== "string" && this.#memory.has(data.buffer);
  }
}

/** Digests of what the record holds are computed anew; others are taken from it. */
export class WiredHasher implements Hasher {
  readonly #wire: Wire;
  readonly #inner: Hasher;
  readonly #tainted: Tainted;
  #unknown = false;

  constructor(wire: Wire, inner: Hasher, tainted: Tainted) {
    this.#wire = wire;
    this.#inner = inner;
    this.#tainted = tainted;
  }

  update(data: Uint8Array | string): void {
    this.#unknown ||= this.#tainted.has(data);
    this.#inner.update(data);
  }

  hex(): string {
    return this.#unknown ? this.#wire.value("a digest", aText, () => this.#inner.hex()) : this.#inner.hex();
  }
}
