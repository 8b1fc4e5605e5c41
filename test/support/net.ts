import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openNew } from "../../src/world/node/open-file.ts";
import type { OpenFile } from "../../src/world/files.ts";
import type { DownloadSink, NetHead, NetRequest } from "../../src/world/net.ts";
import { tempDir } from "./temp.ts";

/** An HTTP server on a free port, closed after the running test; its origin. */
export async function httpServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  return `http://127.0.0.1:${await start(server, () => server.closeAllConnections())}`;
}

/** A server that says whatever it likes to each connection; its port. */
export function tcpServer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  return start(server, () => sockets.forEach((socket) => socket.destroy()));
}

/** A server that answers the first bytes of each connection with these, and closes where told. */
export async function rawServer(answer: string | Buffer, andClose: boolean): Promise<string> {
  const port = await tcpServer((socket) => {
    socket.once("data", () => {
      if (andClose) socket.end(answer);
      else socket.write(answer);
    });
  });
  return `http://127.0.0.1:${port}`;
}

function start(server: Server | HttpServer, cut: () => void): Promise<number> {
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

/** What a raw connection to a port got until it was closed. */
export function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let got = "";
    socket.on("data", (data: Buffer) => {
      got += data.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(got));
  });
}

export function get(url: string, more: Partial<NetRequest> = {}): NetRequest {
  return {
    method: "GET",
    url,
    headers: {},
    connectTimeoutMs: 5000,
    headTimeoutMs: 5000,
    idleTimeoutMs: 5000,
    ...more,
  };
}

/** A file to download into, and what is in it. */
export interface Target {
  readonly path: string;
  readonly file: OpenFile;
  content(): Buffer;
}

export function target(): Target {
  const path = join(tempDir(), "target");
  const file = openNew(path, 0o600);
  onTestFinished(() => file.close());
  return { path, file, content: () => readFileSync(path) };
}

export function into(to: Target, more: Partial<DownloadSink> = {}): DownloadSink {
  return {
    file: to.file,
    offsetBytes: 0,
    maxBytes: 1 << 30,
    take: (head: NetHead) => head.status === 200 || head.status === 206,
    ...more,
  };
}

/** The error that a promise rejects with; fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new TypeError("what was thrown is no error", { cause: error });
  }
  throw new Error("it did not fail");
}

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
export function pattern(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE((at * 2654435761) >>> 0, at);
  return bytes;
}
