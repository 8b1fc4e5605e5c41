import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Answer, Asked, FaultAction } from "./types.ts";

/** The answer that a fault makes of a right one. */
export function spoil(answer: Answer, fault: FaultAction, asked: Asked): Answer {
  const headers = (more: Readonly<Record<string, string>>): Answer => ({
    ...answer,
    headers: { ...answer.headers, ...more },
  });
  switch (fault.kind) {
    case "cut":
    case "stall":
      return { ...answer, delivery: { kind: fault.kind, afterBytes: fault.afterBytes } };
    case "short":
      return { ...answer, delivery: { kind: "end", afterBytes: answer.body.length - fault.missingBytes } };
    case "drip":
      return { ...answer, delivery: fault };
    case "wrong-length":
      return {
        ...headers({ "content-length": String(answer.body.length + fault.byBytes) }),
        delivery: { kind: "end", afterBytes: answer.body.length },
      };
    case "wrong-range": {
      const { start, end } = asked.range ?? { start: 0, end: asked.content.bytes.length };
      return headers({ "content-range": contentRange(start + fault.byBytes, end + fault.byBytes, asked) });
    }
    case "wrong-byte":
      return { ...answer, body: flipped(answer.body, fault.at - (asked.range?.start ?? 0)) };
    case "no-ranges":
      return { ...whole(asked), headers: withoutRanges(whole(asked).headers) };
    case "status":
      return refusal(fault.status, retryAfter(fault.retryAfter));
    case "changed":
      return answer;
    case "redirect":
      return refusal(307, { location: fault.to });
    case "redirect-loop":
      return refusal(302, { location: asked.path });
    case "no-head":
    case "garbage":
    case "endless-headers":
    case "endless-body":
      return { ...answer, delivery: { kind: fault.kind } };
    case "gzip": {
      const body = gzipSync(answer.body, { level: 1 });
      return {
        ...answer,
        body,
        headers: { ...answer.headers, "content-encoding": "gzip", "content-length": String(body.length) },
      };
    }
  }
}

/** The answer without a fault. */
export function right(asked: Asked): Answer {
  const { content, range } = asked;
  if (range === null) return whole(asked);
  if (range.start >= content.bytes.length) {
    return refusal(416, { "content-range": `bytes */${content.bytes.length}` });
  }
  const body = content.bytes.subarray(range.start, range.end);
  const headers = { ...headersOf(asked), "content-length": String(body.length) };
  const place = contentRange(range.start, range.start + body.length, asked);
  return { status: 206, headers: { ...headers, "content-range": place }, body, delivery: { kind: "plain" } };
}

export function refusal(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = Buffer.from('{"errors":[{"code":"TEST","message":"as the test wants it"}]}');
  return {
    status,
    headers: { "content-type": "application/json", "content-length": String(body.length), ...headers },
    body,
    delivery: { kind: "plain" },
  };
}

/** A strong ETag that is the content's own. */
function etagOf(bytes: Buffer): string {
  return `"${createHash("md5")
    .update(bytes.subarray(0, 1 << 20))
    .update(String(bytes.length))
    .digest("hex")}"`;
}

function whole(asked: Asked): Answer {
  const { bytes } = asked.content;
  const headers = { ...headersOf(asked), "content-length": String(bytes.length) };
  return { status: 200, headers, body: bytes, delivery: { kind: "plain" } };
}

function headersOf({ content }: Asked): Record<string, string> {
  return {
    "content-type": content.type ?? "application/octet-stream",
    "accept-ranges": "bytes",
    etag: etagOf(content.bytes),
    ...(content.digest === undefined ? {} : { "docker-content-digest": content.digest }),
  };
}

function withoutRanges(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { "accept-ranges": _, ...rest } = headers;
  return rest;
}

function contentRange(start: number, end: number, { content }: Asked): string {
  return `bytes ${start}-${end - 1}/${content.bytes.length}`;
}

function flipped(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

function retryAfter(value: string | { readonly dateInS: number } | undefined): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value === "string") return { "retry-after": value };
  return { "retry-after": new Date(Date.now() + value.dateInS * 1000).toUTCString() };
}
