import type { Random } from "../world/random.ts";
import { type Chooser, kindNumber } from "./choices.ts";

const RANDOM: number = kindNumber("random");
/** Longer ones are names: that they differ is all that counts. */
const MAX_CHOSEN_BYTES = 2;

/** Chance: short numbers are choices, and longer ones never come twice in a world. */
export class SimRandom implements Random {
  readonly #chooser: Chooser;

  constructor(chooser: Chooser) {
    this.#chooser = chooser;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    if (count <= MAX_CHOSEN_BYTES) {
      for (let at = 0; at < count; at++) bytes[at] = this.#chooser.below(RANDOM, 256);
      return bytes;
    }
    let number = this.#chooser.nextName();
    for (let at = count - 1; at >= 0 && number > 0; at--) {
      bytes[at] = number & 0xff;
      number = Math.floor(number / 256);
    }
    return bytes;
  }
}
