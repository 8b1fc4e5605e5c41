/** Does work once for all who ask for it, also at the same time. What failed is tried anew by the next who asks. */
export function shared<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let running: Promise<T> | null = null;
  return async (signal) => {
    signal.throwIfAborted();
    const joined = running;
    if (joined !== null) {
      try {
        return await joined;
      } catch {
        // Whoever began it may have been stopped: that is no answer for this one.
        signal.throwIfAborted();
        if (running === joined) running = null;
      }
    }
    const own = running ?? work(signal);
    running = own;
    try {
      return await own;
    } catch (error) {
      if (running === own) running = null;
      throw error;
    }
  };
}
