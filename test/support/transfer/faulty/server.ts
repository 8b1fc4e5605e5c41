import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TokenBucket } from "../bucket.ts";
import type { ServedBytes } from "../model.ts";
import { admit, type BearerRules, newTokens, type Tokens } from "./bearer.ts";
import { FaultScript } from "./choose.ts";
import { deliver } from "./deliver.ts";
import { refusal, right, spoil } from "./faults.ts";
import type { Answer, Asked, Fault, SeenRequest } from "./types.ts";

export interface FaultyOptions {
  /** By path. imagePaths() makes a registry of it. */
  readonly content: Readonly<Record<string, ServedBytes>>;
  readonly faults?: readonly Fault[];
  /** In total over all connections. */
  readonly bytesPerSecond?: number;
  readonly bearer?: BearerRules;
  /** The port of one that was closed. */
  readonly port?: number;
}

export interface FaultyServer {
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
  /** Every request, in the order in which they came. */
  readonly requests: readonly SeenRequest[];
  /** Bytes of bodies that were sent for paths that hold this text. */
  readonly sentBytes: (pathPart?: string) => number;
  /** How many requests met a fault. */
  readonly hits: () => number;
  /** New faults from now on; none makes it an honest server. */
  readonly script: (faults: readonly Fault[]) => void;
  /** Cuts every connection and frees the port. */
  readonly close: () => Promise<void>;
}

interface State {
  readonly content: Map<string, ServedBytes>;
  readonly requests: SeenRequest[];
  readonly bucket: TokenBucket | null;
  readonly tokens: Tokens | null;
  script: FaultScript;
}

/** A server on loopback that answers as a real one does, but for the faults that a test gives it. */
export async function startFaulty(options: FaultyOptions): Promise<FaultyServer> {
  const state: State = {
    content: new Map(Object.entries(options.content)),
    requests: [],
    bucket: options.bytesPerSecond === undefined ? null : new TokenBucket(options.bytesPerSecond),
    tokens: options.bearer === undefined ? null : newTokens(options.bearer),
    script: new FaultScript(options.faults ?? []),
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.on("error", () => {});
    answer(state, request, response).catch(() => response.destroy());
  });
  // Whoever hangs up while a fault is written is no error here.
  server.on("connection", (socket) => socket.on("error", () => {}));
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    sentBytes: (part = "") =>
      state.requests
        .filter(({ path }) => path.includes(part))
        .reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    hits: () => state.requests.filter(({ fault }) => fault !== null).length,
    script: (faults) => {
      state.script = new FaultScript(faults);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
  const seen: SeenRequest = {
    method: request.method ?? "",
    path: url.pathname,
    range: request.headers.range ?? null,
    headers: request.headers,
    status: 0,
    sentBytes: 0,
    fault: null,
  };
  state.requests.push(seen);
  const result = decide(state, seen, url);
  seen.status = result.status;
  await deliver(response, result, seen, state.bucket);
}

function decide(state: State, seen: SeenRequest, url: URL): Answer {
  const refused = state.tokens === null ? null : admit(state.tokens, seen, url);
  if (refused !== null) return refused;
  if (seen.path === "/v2/" || seen.path === "/v2")
    return { ...refusal(200), body: Buffer.from("{}"), headers: {} };
  const content = state.content.get(seen.path);
  if (content === undefined) return refusal(404);
  const asked = askedFor(seen, content);
  const fault = state.script.next(seen, asked);
  if (fault === null) return right(asked);
  seen.fault = fault.does.kind;
  if (fault.does.kind !== "changed") return spoil(right(asked), fault.does, asked);
  const changed = { ...content, bytes: fault.does.bytes };
  state.content.set(seen.path, changed);
  return right(askedFor(seen, changed));
}

function askedFor(seen: SeenRequest, content: ServedBytes): Asked {
  const parts = seen.method === "GET" ? /^bytes=(\d+)-(\d*)$/.exec(seen.range ?? "") : null;
  if (parts === null) return { path: seen.path, content, range: null };
  const end = parts[2] === "" || parts[2] === undefined ? content.bytes.length : Number(parts[2]) + 1;
  return {
    path: seen.path,
    content,
    range: { start: Number(parts[1]), end: Math.min(end, content.bytes.length) },
  };
}
