/** Runs `work` when every microtask that is waiting, and all that they set off, has run. Before any input or output. */
export function inNextTurn(work: () => void): void {
  process.nextTick(work);
}
