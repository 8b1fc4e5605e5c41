import type { ServerResponse } from "node:http";
import type { Outgoing } from "../net.ts";

/** SHA-256 and sockets are both at full speed with pieces of this size. */
const PIECE_BYTES = 1 << 20;

/** Sends an answer. Its file is closed in the end, whatever happens. Rejects when the other side goes away. */
export async function sendAnswer(response: ServerResponse, answer: Outgoing, isHead: boolean): Promise<void> {
  const { status, headers, body } = answer;
  try {
    const sizeBytes = body === undefined ? null : body.kind === "bytes" ? body.bytes.length : body.sizeBytes;
    const bodiless = status === 204 || status === 304;
    const length =
      sizeBytes === null ? bareLength(headers, isHead, bodiless) : { "content-length": sizeBytes };
    response.writeHead(status, { ...headers, ...length });
    if (isHead || bodiless || body === undefined) return await finish(response, null);
    if (body.kind === "bytes") return await finish(response, body.bytes);
    await sendFile(response, body);
    await finish(response, null);
  } finally {
    if (body?.kind === "file") await body.file.close().catch(() => undefined);
  }
}

// An answer without a body says so, unless it tells a HEAD how long the body would be.
function bareLength(
  headers: Outgoing["headers"],
  isHead: boolean,
  bodiless: boolean,
): Readonly<Record<string, number>> {
  return bodiless || (isHead && headers["content-length"] !== undefined) ? {} : { "content-length": 0 };
}

type FileBody = Extract<Outgoing["body"], { readonly kind: "file" }>;

// Two buffers: one is read while the other is on its way. One is used again when the socket is done with it.
async function sendFile(response: ServerResponse, body: FileBody): Promise<void> {
  const size = Math.min(PIECE_BYTES, Math.max(1, body.sizeBytes));
  const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const;
  let writing: Promise<void> = Promise.resolve();
  let turn = 0;
  for (let at = 0; at < body.sizeBytes; at += size) {
    const piece = buffers[turn % 2 === 0 ? 0 : 1].subarray(0, Math.min(size, body.sizeBytes - at));
    turn += 1;
    const got = await body.file.readAt(piece, body.offsetBytes + at);
    // The head has promised more: only a cut tells the other side that it does not come.
    if (got < piece.length) throw new Error("a file became shorter while it was sent");
    await writing;
    writing = write(response, piece);
    // It is awaited one turn later.
    writing.catch(() => undefined);
  }
  await writing;
}

function write(response: ServerResponse, piece: Uint8Array): Promise<void> {
  return settleWith(response, (done) => response.write(piece, done));
}

function finish(response: ServerResponse, last: Uint8Array | null): Promise<void> {
  return settleWith(response, (done) => {
    response.once("finish", () => done());
    if (last === null) response.end();
    else response.end(last);
  });
}

// A callback of a write may never come when the connection is closed: `close` always does.
function settleWith(
  response: ServerResponse,
  start: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => done(new Error("the other side went away"));
    const done = (error?: Error | null): void => {
      response.off("close", gone);
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    if (response.destroyed || response.socket === null) return gone();
    response.once("close", gone);
    start(done);
  });
}
