import { Agent, type Dispatcher, errors, Pool, ProxyAgent } from "undici";
import type { Peer } from "./net-failure.ts";
import { MAX_HEAD_BYTES } from "./net-head.ts";
import { hostAndPort, type Proxy, proxyFor } from "./net-proxy.ts";

/** A caller has one or two time limits and proxies: more are a mistake, and the oldest goes. */
const MAX_POOLS = 16;

/** How a request gets to its server. */
export interface Route {
  readonly pool: ConnectionPool;
  readonly peer: Peer;
  readonly origin: string;
  /** Path and query; the whole URL for a proxy that forwards. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ConnectionPool {
  readonly dispatcher: Dispatcher;
  /** Requests in progress. */
  live: number;
}

const pools = new Map<string, ConnectionPool>();

/** Throws TypeError for a URL that is not `http:` or `https:`, or that holds credentials. */
export function routeTo(text: string, connectTimeoutMs: number): Route {
  const url = parseTarget(text);
  const proxy = proxyFor(url, process.env);
  const peer: Peer = { host: hostAndPort(url), proxy: proxy?.host ?? null };
  const path = url.pathname + url.search;
  if (proxy === null) {
    return { pool: poolFor("", connectTimeoutMs, direct), peer, origin: url.origin, path, headers: {} };
  }
  if (url.protocol === "https:") {
    const key = `${proxy.origin} ${proxy.authorization ?? ""}`;
    const pool = poolFor(key, connectTimeoutMs, (timeoutMs) => tunnel(proxy, timeoutMs));
    return { pool, peer, origin: url.origin, path, headers: {} };
  }
  // Plain HTTP is forwarded: the proxy gets the whole URL, without the fragment.
  const headers = {
    host: url.host,
    ...(proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization }),
  };
  const pool = poolFor("", connectTimeoutMs, direct);
  return { pool, peer, origin: proxy.origin, path: url.origin + path, headers };
}

/** Ends idle connections; requests in progress may end first. */
export async function closePools(): Promise<void> {
  const all = [...pools.values()];
  pools.clear();
  await Promise.all(all.map(closePool));
}

// `close` waits for connections that nobody wants any more to be made; `destroy` does not.
function closePool({ dispatcher, live }: ConnectionPool): Promise<void> {
  return live === 0 ? dispatcher.destroy() : dispatcher.close();
}

function parseTarget(text: string): URL {
  // The parser's own error would hold the whole URL.
  if (!URL.canParse(text)) throw new TypeError("a request's URL is not valid");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`a request's URL begins with ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") throw new TypeError("a request's URL holds credentials");
  return url;
}

function poolFor(
  key: string,
  connectTimeoutMs: number,
  make: (timeoutMs: number) => Dispatcher,
): ConnectionPool {
  const name = `${connectTimeoutMs} ${key}`;
  const known = pools.get(name);
  if (known !== undefined) return known;
  const [oldest] = pools;
  if (oldest !== undefined && pools.size >= MAX_POOLS) {
    pools.delete(oldest[0]);
    closePool(oldest[1]).catch(() => undefined);
  }
  const pool: ConnectionPool = { dispatcher: make(connectTimeoutMs), live: 0 };
  pools.set(name, pool);
  return pool;
}

// No bound on connections: a request must not wait for another's. The caller bounds its requests.
// Our own watchdog keeps the time limits: undici's are exact to half a second only.
const LIMITS = {
  pipelining: 1,
  allowH2: false,
  maxHeaderSize: MAX_HEAD_BYTES,
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

function direct(timeoutMs: number): Dispatcher {
  return new Agent({ ...LIMITS, connect: { timeout: timeoutMs } });
}

function tunnel(proxy: Proxy, timeoutMs: number): Dispatcher {
  return new ProxyAgent({
    ...LIMITS,
    uri: proxy.origin,
    ...(proxy.authorization === null ? {} : { token: proxy.authorization }),
    proxyTls: { timeout: timeoutMs },
    requestTls: { timeout: timeoutMs },
    clientFactory: (origin, options) =>
      new TunnelPool(origin, { ...options, ...LIMITS, headersTimeout: timeoutMs }),
  });
}

// Undici takes its own socket error for a passing one and connects again without end or pause:
// a proxy that hangs up must be an error of the system's kind.
class TunnelPool extends Pool {
  override connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData>;
  override connect(...args: Parameters<Pool["connect"]>): void;
  override async connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> {
    try {
      return await super.connect(options);
    } catch (error) {
      if (!(error instanceof errors.SocketError)) throw error;
      throw Object.assign(new Error("the proxy hung up"), { code: "ECONNRESET" });
    }
  }
}
