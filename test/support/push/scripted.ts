import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "./listen.ts";

/** What happens to a request instead of the right answer. */
export type Mishap =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is cut when this much of the body has come; what has come is kept in the session. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Does as it was told, and cuts the connection instead of answering. */
  | { readonly kind: "deaf" }
  /** The session is over. */
  | { readonly kind: "forget" }
  /** Takes the body and answers with these headers changed. */
  | { readonly kind: "headers"; readonly headers: Record<string, string> }
  | { readonly kind: "slow"; readonly ms: number };

export interface Fault {
  readonly method: string;
  /** In the path; any when it is left out. */
  readonly path?: RegExp;
  /** Right answers before it. */
  readonly after?: number;
  readonly times?: number;
  readonly does: Mishap;
}

export interface Logged {
  readonly method: string;
  readonly path: string;
  readonly bodyBytes: number;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface ScriptedRegistry {
  readonly port: number;
  readonly log: readonly Logged[];
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>;
  /** Bytes of blobs that came in, those that were lost again too. */
  readonly cameBytes: () => number;
  /** No request is in progress. */
  readonly settled: () => boolean;
  readonly memory: Memory;
}

export interface ScriptedOptions {
  readonly faults?: readonly Fault[];
  readonly leastPieceBytes?: number;
  /** What stands before the path of a session. */
  readonly sessionsAt?: string;
  /** That of another server: a storage host beside a registry. */
  readonly memory?: Memory;
}

/** What a registry keeps. */
export interface Memory {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>;
  readonly sessions: Map<string, Buffer>;
}

interface Context extends Memory {
  readonly options: ScriptedOptions;
  came: number;
  count: number;
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

/** An honest registry in memory that keeps to OCI distribution 1.1, and fails where it is told to. */
export async function scriptedRegistry(options: ScriptedOptions = {}): Promise<ScriptedRegistry> {
  const memory = options.memory ?? { blobs: new Map(), manifests: new Map(), sessions: new Map() };
  const context: Context = { ...memory, options, came: 0, count: 0 };
  const log: Logged[] = [];
  const hits = new Map<Fault, number>();
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    const path = request.url ?? "";
    const fault = (options.faults ?? []).find((each) => {
      if (each.method !== request.method || each.path?.test(path) === false) return false;
      const seen = (hits.get(each) ?? 0) + 1;
      hits.set(each, seen);
      const first = (each.after ?? 0) + 1;
      return seen >= first && seen < first + (each.times ?? 1);
    });
    const handle = async (): Promise<void> => {
      const bodyBytes = await serve(context, request, response, fault?.does ?? null);
      open -= 1;
      const { authorization, "content-range": range } = request.headers;
      log.push({ method: request.method ?? "", path, bodyBytes, range, authorization });
    };
    handle().catch((error: unknown) => response.destroy(new Error(String(error))));
  });
  const port = await listen(server);
  const { blobs, manifests } = memory;
  const cameBytes = (): number => context.came;
  return { port, log, blobs, manifests, cameBytes, settled: () => open === 0, memory };
}

async function serve(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  mishap: Mishap | null,
): Promise<number> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const session = /\/uploads\/([0-9]+)$/.exec(url.pathname)?.[1] ?? "";
  const { socket } = request;
  const limit = mishap?.kind === "cut" ? mishap.afterBytes : Number.POSITIVE_INFINITY;
  const body = await readBody(request, limit);
  if (request.method === "PATCH" || (request.method === "PUT" && session !== "")) context.came += body.length;
  const wantedBytes = Number(request.headers["content-length"] ?? 0);
  if (mishap?.kind === "cut" || body.length < wantedBytes) {
    const before = context.sessions.get(session);
    if (before !== undefined) context.sessions.set(session, Buffer.concat([before, body]));
    socket.destroy();
    return body.length;
  }
  if (mishap?.kind === "forget") context.sessions.delete(session);
  if (mishap?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, mishap.ms));
  const reply = mishap?.kind === "answer" ? told(mishap) : answer(context, request, url, session, body);
  if (mishap?.kind === "deaf") socket.destroy();
  const changed = mishap?.kind === "headers" ? mishap.headers : {};
  const length = request.method === "HEAD" ? {} : { "content-length": `${reply.body?.length ?? 0}` };
  response.writeHead(reply.status, { ...length, ...reply.headers, ...changed }).end(reply.body);
  return body.length;
}

function told({ status, headers = {}, body = "" }: Mishap & { readonly kind: "answer" }): Reply {
  return { status, headers, body: Buffer.from(body) };
}

function answer(
  context: Context,
  { method, headers }: IncomingMessage,
  url: URL,
  session: string,
  body: Buffer,
): Reply {
  const last = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  if (url.pathname.includes("/manifests/")) return manifest(context, method ?? "", last, body, headers);
  if (session === "" && url.pathname.includes("/uploads")) return start(context, url);
  if (session === "") {
    const blob = context.blobs.get(last);
    if (blob === undefined) return { status: 404 };
    return { status: 200, headers: { "content-length": `${blob.length}`, "docker-content-digest": last } };
  }
  const before = context.sessions.get(session);
  if (before === undefined) return { status: 404 };
  const at = (size: number): Record<string, string> => ({
    location: place(context, session),
    range: `0-${Math.max(0, size - 1)}`,
  });
  if (method === "GET") return { status: 204, headers: at(before.length) };
  if (method === "DELETE") {
    context.sessions.delete(session);
    return { status: 204 };
  }
  if (method === "PATCH") {
    const [first] = (headers["content-range"] ?? "").split("-").map(Number);
    if (first !== before.length) return { status: 416, headers: at(before.length) };
    const now = Buffer.concat([before, body]);
    context.sessions.set(session, now);
    return { status: 202, headers: at(now.length) };
  }
  const whole = Buffer.concat([before, body]);
  const digest = url.searchParams.get("digest") ?? "";
  context.sessions.delete(session);
  if (digestOf(whole) !== digest) return { status: 400, body: error("DIGEST_INVALID") };
  context.blobs.set(digest, whole);
  return { status: 201, headers: { "docker-content-digest": digest } };
}

function start(context: Context, url: URL): Reply {
  const mount = url.searchParams.get("mount");
  if (mount !== null && context.blobs.has(mount)) {
    return { status: 201, headers: { "docker-content-digest": mount } };
  }
  const session = `${++context.count}`;
  context.sessions.set(session, Buffer.alloc(0));
  const least = context.options.leastPieceBytes;
  const more = least === undefined ? {} : { "oci-chunk-min-length": `${least}` };
  return { status: 202, headers: { location: place(context, session), range: "0-0", ...more } };
}

function place({ options }: Context, session: string): string {
  return `${options.sessionsAt ?? ""}/v2/lib/model/blobs/uploads/${session}?_state=secret-state-${session}`;
}

function manifest(
  { manifests }: Context,
  method: string,
  reference: string,
  bytes: Buffer,
  headers: IncomingMessage["headers"],
): Reply {
  if (method === "PUT") {
    manifests.set(reference, { bytes, type: headers["content-type"] ?? "" });
    return { status: 201, headers: { "docker-content-digest": digestOf(bytes) } };
  }
  const there = manifests.get(reference);
  if (there === undefined) return { status: 404, body: error("MANIFEST_UNKNOWN") };
  const told = { "docker-content-digest": digestOf(there.bytes), "content-type": there.type };
  return method === "HEAD"
    ? { status: 200, headers: told }
    : { status: 200, headers: told, body: there.bytes };
}

function error(code: string): Buffer {
  return Buffer.from(JSON.stringify({ errors: [{ code, message: "prose that nobody reads" }] }));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, Math.max(0, limit - size)));
      size += part.length;
      if (size >= limit) break;
    }
  } catch {
    // The other side went away: what came is what there is.
  }
  return Buffer.concat(parts);
}
