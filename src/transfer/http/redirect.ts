import type { NetBody, NetHead, NetMethod } from "../../world/net.ts";
import { httpError, safeUrl } from "./errors.ts";

/** More than any real chain has; browsers stop at 20, curl's default is 30 or 50. */
const MAX_REDIRECTS = 10;
/** A signed URL is about 2 KiB. */
const MAX_LOCATION_CHARS = 16_384;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect(head: NetHead): boolean {
  return REDIRECTS.has(head.status);
}

/** One request of a chain. */
export interface Hop {
  readonly url: URL;
  readonly method: NetMethod;
  readonly body: NetBody | undefined;
}

/** Where a redirect leads. Throws AprError `bad-redirect` or `insecure-redirect`. */
export function nextHop(hop: Hop, head: NetHead): Hop {
  const url = target(hop.url, head.headers["location"]);
  if (hop.url.protocol === "https:" && url.protocol !== "https:") {
    throw httpError(
      "insecure-redirect",
      hop.url,
      `${safeUrl(hop.url)} redirects to plain HTTP at ${url.host}`,
      {
        hint: "a redirect from https to http is never followed: ask whoever runs the server to redirect to https",
      },
    );
  }
  // Bytes and files can be read again, so a body goes along wherever the method stays.
  return becomesGet(head.status, hop.method)
    ? { url, method: "GET", body: undefined }
    : { url, method: hop.method, body: hop.body };
}

function target(from: URL, location: string | undefined): URL {
  const text = location ?? "";
  const usable = text !== "" && text.length <= MAX_LOCATION_CHARS && URL.canParse(text, from.href);
  const url = usable ? new URL(text, from.href) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw httpError("bad-redirect", from, `${safeUrl(from)} redirects to nowhere that can be followed`, {
      hint: "the server's answer has no usable Location: check the URL",
    });
  }
  // A user and password in it would be somebody else's, and would stand in messages.
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

/** RFC 9110, section 15.4: 303 always, 301 and 302 for POST as everybody does it. */
function becomesGet(status: number, method: NetMethod): boolean {
  if (status === 303) return method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** The hops of one request so far. Throws AprError `redirect-loop` or `too-many-redirects`. */
export class Chain {
  private readonly seen: Hop[] = [];

  add(hop: Hop): void {
    const first = this.seen.findIndex(
      ({ url, method }) => url.href === hop.url.href && method === hop.method,
    );
    if (first !== -1) {
      const loop = [...this.seen.slice(first), hop].map(({ url }) => safeUrl(url)).join(" → ");
      throw httpError("redirect-loop", hop.url, `redirect loop: ${loop}`, {
        hint: "the server sends this request round in a circle: check the URL, or ask whoever runs the server",
      });
    }
    if (this.seen.length > MAX_REDIRECTS) {
      throw httpError(
        "too-many-redirects",
        hop.url,
        `more than ${MAX_REDIRECTS} redirects from ${this.start()}`,
        {
          hint: "check the URL, or ask whoever runs the server",
        },
      );
    }
    this.seen.push(hop);
  }

  private start(): string {
    const [first] = this.seen;
    return first === undefined ? "" : safeUrl(first.url);
  }
}
