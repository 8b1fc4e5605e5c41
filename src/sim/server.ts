import type { NetHeaders } from "../world/net.ts";
import { part, type Run, sizeOf } from "./data.ts";
import { runsOf } from "./known-runs.ts";

/** A request as a simulated server gets it. Header names are lower case. */
export interface SimRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: NetHeaders;
  readonly body: readonly Run[];
}

/** What a simulated server answers. The body's length is told by `content-length`, unless a header says otherwise. */
export interface SimAnswer {
  readonly status: number;
  readonly headers: NetHeaders;
  readonly body: readonly Run[];
}

/** Answers at once; how long it takes, and what of it arrives, is the network's business. */
export type SimServer = (request: SimRequest) => SimAnswer;

export interface SimFile {
  readonly body: readonly Run[];
  readonly etag?: string;
  readonly headers?: NetHeaders;
}

export function textAnswer(status: number, text: string, headers: NetHeaders = {}): SimAnswer {
  return { status, headers, body: text === "" ? [] : runsOf(Buffer.from(text, "utf8")) };
}

/** Made as one object where it can be: to add to another takes longer than the rest of an answer. */
function headersOf({ etag, headers: own }: SimFile, length: string, range?: string): NetHeaders {
  if (own === undefined && etag !== undefined && range !== undefined) {
    return { "accept-ranges": "bytes", etag, "content-range": range, "content-length": length };
  }
  const tag = etag === undefined ? {} : { etag };
  const ranged = range === undefined ? {} : { "content-range": range };
  return { "accept-ranges": "bytes", ...own, ...tag, ...ranged, "content-length": length };
}

/** Serves files by path, whole or in ranges. */
export function fileServer(files: ReadonlyMap<string, SimFile>): SimServer {
  return ({ method, target, headers }) => {
    const query = target.indexOf("?");
    const file = files.get(query === -1 ? target : target.slice(0, query));
    if (file === undefined) return textAnswer(404, "no such file");
    if (method !== "GET" && method !== "HEAD") return textAnswer(405, "GET or HEAD");
    return rangeOf(file, headers["range"]);
  };
}

const RANGE = "bytes=";

function rangeOf(file: SimFile, range: string | undefined): SimAnswer {
  const { body } = file;
  const size = sizeOf(body);
  const dash = range?.startsWith(RANGE) === true ? range.indexOf("-", RANGE.length + 1) : -1;
  if (range === undefined || dash === -1)
    return { status: 200, headers: headersOf(file, String(size)), body };
  const from = decimal(range, RANGE.length, dash);
  const last = dash + 1 === range.length ? size : decimal(range, dash + 1, range.length);
  const upto = Math.min(last, size - 1);
  if (from > upto) return { status: 416, headers: headersOf(file, "0", `bytes */${size}`), body: [] };
  // Numbers are not written anew where they stand in the request.
  const span = last === upto ? range.slice(RANGE.length) : `${from}-${upto}`;
  const headers = headersOf(file, String(upto - from + 1), `bytes ${span}/${size}`);
  return { status: 206, headers, body: part(body, from, upto - from + 1) };
}

/** Without a text for each number: every chunk has two. */
function decimal(text: string, from: number, upto: number): number {
  let sum = 0;
  for (let at = from; at < upto; at++) sum = sum * 10 + (text.charCodeAt(at) - 48);
  return sum;
}
