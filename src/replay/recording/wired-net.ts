import { isJsonObject } from "../../base/json.ts";
import type { Downloaded, Net, NetAnswer, NetRequest } from "../../world/net.ts";
import { aNumber, aText, BadRecord, bytes, netHead } from "./codecs.ts";
import { cleanAnswer, cleanHead, withoutQuery } from "./redact.ts";
import { innerBody, innerOf } from "./wired-file.ts";
import type { Codec, Wire } from "./wire.ts";

/** The network on a wire. Bodies that go into files are not kept; others are, without the tokens in them. */
export function wiredNet(wire: Wire, real: Net): Net {
  return {
    request: (request, maxBodyBytes) =>
      wire.call(
        wordsOf(request),
        answer,
        ({ number }) => real.request(innerRequest(request, number), maxBodyBytes),
        { number: sentBytes(request), signal: request.signal },
      ),
    download: (request, sink) =>
      wire.call(
        wordsOf(request),
        downloaded,
        ({ head, number }) =>
          real.download(innerRequest(request, number), {
            ...sink,
            file: innerOf(sink.file),
            take: head,
            onBytes: number,
          }),
        { number: sink.onBytes, head: sink.take, signal: request.signal },
      ),
    listen: () => Promise.reject(new Error("a transfer that is recorded listens to nobody")),
    close: () => real.close(),
  };
}

/** What is asked of whom, without query, credentials and body. */
function wordsOf({ headers, method, url }: NetRequest): string {
  const range = headers["range"];
  return `${method} ${withoutQuery(url)}${range === undefined ? "" : ` ${range}`}`;
}

function innerRequest(request: NetRequest, number: (value: number) => void): NetRequest {
  const body = innerBody(request.body, number);
  return body === undefined ? request : { ...request, body };
}

function sentBytes({ body }: NetRequest): ((value: number) => void) | undefined {
  return body?.kind === "file" ? body.onBytes : undefined;
}

const answer: Codec<NetAnswer> = {
  encode(value) {
    const clean = cleanAnswer(value);
    return { status: clean.status, headers: { ...clean.headers }, body: bytes.encode(clean.body) };
  },
  decode(json) {
    const { body = null } = isJsonObject(json) ? json : {};
    return { ...netHead.decode(json), body: bytes.decode(body) };
  },
};

const downloaded: Codec<Downloaded> = {
  encode(value) {
    if (value.kind === "refused") return { kind: value.kind, answer: answer.encode(value.answer) };
    return { kind: value.kind, head: netHead.encode(cleanHead(value.head)), size: value.sizeBytes };
  },
  decode(json) {
    const { answer: told = null, head = null, kind = null, size = null } = isJsonObject(json) ? json : {};
    switch (aText.decode(kind)) {
      case "refused":
        return { kind: "refused", answer: answer.decode(told) };
      case "taken":
        return { kind: "taken", head: netHead.decode(head), sizeBytes: aNumber.decode(size) };
      default:
        throw new BadRecord("a download that is none");
    }
  },
};
