import { request } from "node:http";
import { connect } from "node:net";
import { onTestFinished } from "vitest";
import type { StoreWorld } from "../../src/store/store.ts";
import type { ServeOptions } from "../../src/transfer/serve/options.ts";
import { serve, type Served } from "../../src/transfer/serve/serve.ts";
import type { TransferWorld } from "../../src/transfer/world.ts";
import { nodeNet } from "../../src/world/node/net.ts";
import { nodeStoreWorld } from "../../src/world/node/store-world.ts";
import { newStore, type TestStore } from "./store.ts";

export interface TestServed extends TestStore {
  readonly served: Served;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly ask: (method: string, path: string, options?: AskOptions) => Promise<Answer>;
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The first error's code; null when the body holds none. */
  readonly code: string | null;
}

/** A new store, served on loopback until the test ends. */
export async function newServed(
  options: ServeOptions = {},
  world: StoreWorld = nodeStoreWorld,
): Promise<TestServed> {
  const at = await newStore(world);
  const full: TransferWorld = { ...world, net: nodeNet };
  const served = await serve(full, at.store, options);
  onTestFinished(() => served.close(0));
  const ask = (method: string, path: string, rest: AskOptions = {}): Promise<Answer> =>
    askPort(served.port, method, path, rest);
  return { ...at, served, host: `127.0.0.1:${served.port}`, ask };
}

/** One request on a connection of its own; the path goes out as it is. */
export function askPort(port: number, method: string, path: string, options: AskOptions): Promise<Answer> {
  const length = options.body === undefined ? {} : { "content-length": Buffer.byteLength(options.body) };
  const headers = { ...length, ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        const headers = response.headers as Record<string, string>;
        resolve({ status: response.statusCode ?? 0, headers, body, code: codeOf(body) });
      });
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}

/** Bytes as they are, and what comes back until the other side ends. */
export function sendRaw(port: number, bytes: string, limitMs = 10_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), limitMs);
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

function codeOf(body: Buffer): string | null {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as { errors?: readonly { code?: string }[] };
    return errors?.[0]?.code ?? null;
  } catch {
    return null;
  }
}
