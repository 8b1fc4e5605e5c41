/** Everything on stdin. An abort ends it at once, even while nobody writes. */
export async function* stdinChunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { stdin } = process;
  const stop = (): void => void stdin.destroy(signal.reason as Error);
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of stdin) yield chunk as Buffer;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
