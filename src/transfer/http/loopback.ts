const LOOPBACK_V4 = /^127(?:\.[0-9]{1,3}){3}$/;

/** True for this machine's own addresses, as `URL.hostname` writes them. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || LOOPBACK_V4.test(hostname);
}
