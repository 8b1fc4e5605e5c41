import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { TokenBucket } from "../bucket.ts";
import type { Answer, SeenRequest } from "./types.ts";

/** What one step of a body writes. */
const STEP_BYTES = 64 * 1024;
/** Endless answers end here all the same, should nobody hang up. */
const ENDLESS_STEPS = 1_000_000;

/** Sends an answer the way it says, and counts what goes out. Ends early when the other side hangs up. */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  seen: SeenRequest,
  bucket: TokenBucket | null,
): Promise<void> {
  const { delivery, body } = answer;
  const socket = response.socket;
  if (socket === null) return;
  if (delivery.kind === "no-head") return void socket.destroy();
  if (delivery.kind === "garbage") return void socket.end(randomBytes(4096));
  if (delivery.kind === "endless-headers") return endless(response, "HTTP/1.1 200 OK\r\n", seen);
  if (delivery.kind === "endless-body") return endless(response, "HTTP/1.1 200 OK\r\n\r\n", seen);
  response.writeHead(answer.status, answer.headers);
  if (seen.method === "HEAD") return void response.end();
  if (delivery.kind === "drip") return drip(response, body, delivery, seen);
  const afterBytes = "afterBytes" in delivery ? delivery.afterBytes : body.length;
  const limit = Math.max(0, Math.min(body.length, afterBytes));
  response.flushHeaders();
  for (let at = 0; at < limit && !response.destroyed; at += STEP_BYTES) {
    const part = body.subarray(at, Math.min(limit, at + STEP_BYTES));
    await bucket?.take(part.length);
    await write(response, part, seen);
  }
  if (delivery.kind === "plain") response.end();
  // What was sent must arrive before the reset does, or fewer bytes are cut off than the test says.
  if (delivery.kind === "cut") setTimeout(() => socket.resetAndDestroy(), 20);
  if (delivery.kind === "end") socket.end();
}

async function drip(
  response: ServerResponse,
  body: Buffer,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number },
  seen: SeenRequest,
): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
    await write(response, body.subarray(at, at + bytes), seen);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end();
}

async function endless(response: ServerResponse, head: string, seen: SeenRequest): Promise<void> {
  const socket = response.socket;
  if (socket === null) return;
  const line = Buffer.from(`x-more: ${"x".repeat(1000)}\r\n`.repeat(60));
  socket.write(head);
  for (let step = 0; step < ENDLESS_STEPS && !socket.destroyed; step++) {
    seen.sentBytes += line.length;
    if (!socket.write(line)) await drained(socket);
  }
}

async function write(response: ServerResponse, part: Buffer, seen: SeenRequest): Promise<void> {
  seen.sentBytes += part.length;
  if (!response.write(part)) await drained(response);
}

/** Resolves when more can be written, or when nobody reads any more. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
