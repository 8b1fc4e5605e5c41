import type { IncomingMessage } from "node:http";
import type { OpenFile } from "../files.ts";
import { type Incoming, NetError } from "../net.ts";
import { lengthOf, plainHeaders } from "./net-head.ts";
import { writeFully } from "./net-write-fully.ts";

/** One request, as a handler sees it. `reading` wraps the time in which its body is wanted. */
export function incomingOf(
  request: IncomingMessage,
  signal: AbortSignal,
  reading: <T>(work: Promise<T>) => Promise<T>,
): Incoming {
  const { remoteAddress, remotePort } = request.socket;
  const headers = plainHeaders(request.headers);
  const from = remoteAddress ?? "unknown";
  const host = `${from}:${remotePort ?? 0}`;
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    headers,
    from,
    signal,
    async readBody(maxBytes) {
      const chunks: Buffer[] = [];
      await reading(takeBody(request, host, maxBytes, (chunk) => void chunks.push(chunk)));
      return Buffer.concat(chunks);
    },
    saveBody(file: OpenFile, offsetBytes, maxBytes) {
      const write = (chunk: Buffer, at: number): void => writeFully(file, chunk, offsetBytes + at);
      return reading(takeBody(request, host, maxBytes, write));
    },
  };
}

/** Gives the body to `take` as it comes; its size. After it has settled `take` is not called any more. */
function takeBody(
  request: IncomingMessage,
  host: string,
  maxBytes: number,
  take: (chunk: Buffer, atBytes: number) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): NetError =>
      new NetError("too-large", host, `${host} sent a body of more than ${maxBytes} bytes`);
    const cut = (): void => end(new NetError("cut", host, `${host} went away before its body was whole`));
    let atBytes = 0;
    const hear = (chunk: Buffer): void => {
      if (atBytes + chunk.length > maxBytes) return end(tooLarge());
      try {
        take(chunk, atBytes);
        atBytes += chunk.length;
      } catch (error) {
        end(error as Error);
      }
    };
    const whole = (): void => end(null);
    const end = (error: Error | null): void => {
      request.off("data", hear).off("end", whole).off("close", cut).off("error", cut);
      // What is left flows away, for as long as the listener lets it.
      request.on("error", () => undefined).resume();
      if (error === null) resolve(atBytes);
      else reject(error);
    };
    if ((lengthOf(plainHeaders(request.headers)) ?? 0) > maxBytes) return end(tooLarge());
    if (request.destroyed || request.readableEnded) return request.complete ? end(null) : cut();
    request.on("data", hear).on("end", whole).on("close", cut).on("error", cut);
  });
}
