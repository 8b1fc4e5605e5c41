import type { Agent } from "node:http";
import { PlainAgent, SecureAgent } from "./net-agents.ts";
import type { Peer } from "./net-failure.ts";
import { ConnectionPool } from "./net-pool.ts";
import { hostAndPort, type Proxy, proxyFor } from "./net-proxy.ts";
import { TunnelAgent } from "./net-tunnel.ts";

/** A caller has one or two time limits and proxies: more are a mistake, and the oldest goes. */
const MAX_POOLS = 16;

/** How a request gets to its server. */
export interface Route {
  readonly pool: ConnectionPool;
  readonly peer: Peer;
  /** Who gets the request: the server, or the proxy that forwards it. */
  readonly to: URL;
  /** Path and query; the whole URL for a proxy that forwards. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const pools = new Map<string, ConnectionPool>();

/** Throws TypeError for a URL that is not `http:` or `https:`, or that holds credentials. */
export function routeTo(text: string, connectTimeoutMs: number): Route {
  const url = parseTarget(text);
  const proxy = proxyFor(url, process.env);
  const peer: Peer = { host: hostAndPort(url), proxy: proxy?.host ?? null };
  const path = url.pathname + url.search;
  const headers = { host: url.host };
  if (proxy === null) return { pool: directPool(url), peer, to: url, path, headers };
  if (url.protocol === "https:") {
    return { pool: tunnelPool(proxy, connectTimeoutMs), peer, to: url, path, headers };
  }
  // Plain HTTP is forwarded: the proxy gets the whole URL, without the fragment.
  const to = new URL(proxy.origin);
  const { authorization } = proxy;
  return {
    pool: directPool(to),
    peer,
    to,
    path: url.origin + path,
    headers: { ...headers, ...(authorization === null ? {} : { "proxy-authorization": authorization }) },
  };
}

/** Ends idle connections; requests in progress may end first. */
export async function closePools(): Promise<void> {
  const all = [...pools.values()];
  pools.clear();
  await Promise.all(all.map((pool) => pool.close()));
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

function directPool({ protocol }: URL): ConnectionPool {
  return poolFor(protocol, () => (protocol === "https:" ? new SecureAgent() : new PlainAgent()));
}

function tunnelPool(proxy: Proxy, timeoutMs: number): ConnectionPool {
  const name = `${proxy.origin} ${proxy.authorization ?? ""} ${timeoutMs}`;
  return poolFor(name, () => new TunnelAgent(proxy, timeoutMs));
}

function poolFor(name: string, make: () => Agent): ConnectionPool {
  const known = pools.get(name);
  if (known !== undefined) return known;
  const [oldest] = pools;
  if (oldest !== undefined && pools.size >= MAX_POOLS) {
    pools.delete(oldest[0]);
    oldest[1].close().catch(() => undefined);
  }
  const pool = new ConnectionPool(make());
  pools.set(name, pool);
  return pool;
}
