import type { NetFailure, NetRequest } from "../world/net.ts";
import { copied, type Run } from "./data.ts";
import { runsOf } from "./known-runs.ts";
import { SimOpenFile } from "./open-file.ts";

type Body = NonNullable<NetRequest["body"]>;

/** In bytes. */
export function bodySize(body: Body): number {
  return body.kind === "bytes" ? body.bytes.length : body.sizeBytes;
}

/** As it is when it is sent. */
export function bodyRuns(body: Body): readonly Run[] {
  if (body.kind === "bytes") return runsOf(copied(body.bytes));
  if (!(body.file instanceof SimOpenFile)) throw new TypeError("not a file of this disk");
  body.onBytes?.(body.sizeBytes);
  return body.file.inode.content.read(body.offsetBytes, body.sizeBytes);
}

/** Where a request goes. */
export interface Address {
  /** Host and port. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
}

/** One chunk after the other is asked for at the same URL. */
let [lastUrl, last]: [string, Address] = ["", { host: "", target: "/" }];

export function addressOf(url: string): Address {
  if (url === lastUrl) return last;
  const from = url.indexOf("//") + 2;
  const slash = url.indexOf("/", from);
  const query = url.indexOf("?", from);
  const end = slash === -1 ? (query === -1 ? url.length : query) : slash;
  lastUrl = url;
  last = { host: url.slice(from, end), target: slash === -1 ? "/" : url.slice(slash) };
  return last;
}

/** What a failure is called, after the host's name. */
export const SAYS: Readonly<Record<NetFailure, string>> = {
  dns: "has a name that could not be looked up",
  refused: "refused the connection",
  unreachable: "cannot be reached from here",
  tls: "has no certificate that could be trusted",
  timeout: "did not answer in time",
  cut: "closed the connection before the answer was whole",
  protocol: "does not answer as an HTTP server should",
  "too-large": "sent more than was asked for",
};
