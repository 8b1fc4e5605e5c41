import { BlockList, isIP } from "node:net";
import type { Peer } from "./net-failure.ts";
import { netError } from "./net-failure.ts";

/** A proxy without its credentials, which stand beside it. */
export interface Proxy {
  readonly origin: string;
  /** Host and port, for messages. */
  readonly host: string;
  /** For `proxy-authorization`; null without credentials. */
  readonly authorization: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, or null for none. The convention is that of Go's programs (docker, skopeo, oras):
 * each scheme has its own variable, lower case first; NO_PROXY lists names, addresses and networks;
 * localhost and loopback addresses never go through a proxy. Throws NetError when the variable is no proxy's URL.
 */
export function proxyFor(target: URL, env: Environment): Proxy | null {
  const name = target.protocol === "https:" ? "https_proxy" : "http_proxy";
  const value = read(env, name);
  if (value === "" || isLoopback(target) || isExempt(target, read(env, "no_proxy"))) return null;
  const url = parse(value);
  if (url === null) {
    const peer: Peer = { host: hostAndPort(target), proxy: null };
    throw netError("protocol", peer, `${name.toUpperCase()} is not the URL of an HTTP proxy`);
  }
  return { origin: url.origin, host: hostAndPort(url), authorization: basic(url) };
}

/** `host:port`, with the scheme's own port when the URL has none. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

/** What Node asks for to connect to a URL's host. An IP address is no server name. */
export interface Address {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly servername: string;
}

export function addressOf(url: URL): Address {
  const host = bare(url);
  return { protocol: url.protocol, host, port: portOf(url), servername: isIP(host) === 0 ? host : "" };
}

function portOf(url: URL): string {
  if (url.port !== "") return url.port;
  return url.protocol === "https:" ? "443" : "80";
}

function read(env: Environment, name: string): string {
  return (env[name] ?? env[name.toUpperCase()] ?? "").trim();
}

function parse(value: string): URL | null {
  const text = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}

function basic(url: URL): string | null {
  if (url.username === "" && url.password === "") return null;
  const pair = `${unescape(url.username)}:${unescape(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || isIn(loopback, bare(url));
}

function isExempt(url: URL, list: string): boolean {
  return list.split(/[,\s]+/).some((entry) => entry !== "" && matches(url, entry.toLowerCase()));
}

function matches(url: URL, entry: string): boolean {
  if (entry === "*") return true;
  const network = /^([0-9a-f.:]+)\/([0-9]{1,3})$/.exec(entry);
  if (network !== null) return isInNetwork(bare(url), network[1] ?? "", Number(network[2]));
  const [, name = entry, port] = /^(.+|\[.+\]):([0-9]+)$/.exec(isIP(entry) === 6 ? "" : entry) ?? [];
  if (port !== undefined && port !== portOf(url)) return false;
  const host = name.replace(/^\*?\./, "").replace(/^\[(.*)\]$/, "$1");
  return bare(url) === host || bare(url).endsWith(`.${host}`);
}

function isInNetwork(address: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return false;
  const block = new BlockList();
  block.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return isIn(block, address);
}

function isIn(block: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && block.check(address, family === 4 ? "ipv4" : "ipv6");
}

function bare(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}
