import type { Descriptor } from "../../store/manifest.ts";
import type { PushContext } from "./types.ts";

/** How far a blob has come, for progress: parts that are sent again are told only once. */
export class Reached {
  readonly #context: PushContext;
  readonly #sizeBytes: number;
  #toldBytes = 0;

  constructor(context: PushContext, { sizeBytes }: Descriptor) {
    this.#context = context;
    this.#sizeBytes = sizeBytes;
  }

  get restBytes(): number {
    return this.#sizeBytes - this.#toldBytes;
  }

  at(offsetBytes: number): void {
    const bytes = Math.min(offsetBytes, this.#sizeBytes) - this.#toldBytes;
    if (bytes <= 0) return;
    this.#toldBytes += bytes;
    this.#context.tell({ kind: "bytes", bytes });
  }
}
