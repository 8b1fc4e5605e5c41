import { setFlagsFromString } from "node:v8";
import { addressSpaceIsLimited } from "./headroom.ts";

/**
 * Bodies come in buffers of 64 KiB outside of the heap. V8 answers that by marking its whole heap, a little at a time,
 * some 70 times for 2 GiB, although nothing on it is to be freed: a fifth of the processor time of a pull. Without
 * marking ahead it collects when it must, and then at once (10 ms). Called before much is allocated. Where room is
 * limited it goes on as ever: what is free there must be given back early.
 */
export function collectOnlyWhenNeeded(): void {
  if (!addressSpaceIsLimited()) setFlagsFromString("--no-incremental-marking");
}
