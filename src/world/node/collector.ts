import { setFlagsFromString } from "node:v8";

/**
 * Bodies come in buffers of 64 KiB outside of the heap. V8 answers that by marking its whole heap, a little at a time,
 * some 70 times for 2 GiB, although nothing on it is to be freed: a fifth of the processor time of a pull. Without
 * marking ahead it collects when it must, and then at once (10 ms). Called before much is allocated.
 */
export function collectOnlyWhenNeeded(): void {
  setFlagsFromString("--no-incremental-marking");
}
