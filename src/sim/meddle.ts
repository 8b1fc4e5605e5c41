import { bytesOf, part, realRun, type Run, sizeOf, VIRTUAL } from "./data.ts";
import type { NetFault } from "./faults.ts";
import type { SimAnswer, SimRequest, SimServer } from "./server.ts";

const PLACES = 16;
const FLIPPED_BYTES = 16;
/** The other half of all contents: what a lying server sends. */
const OTHER = 0x8000;

/** An answer as a faulty server, or a faulty way, gives it. */
export function meddle(
  fault: NetFault,
  host: { readonly server: SimServer; version: number },
  request: SimRequest,
  place: () => number,
): SimAnswer {
  switch (fault) {
    case "busy":
      return { status: 503, headers: { "content-length": "0" }, body: [] };
    case "wait":
    case "limit": {
      const headers = { "content-length": "0", "retry-after": String(1 + place()) };
      return { status: fault === "wait" ? 503 : 429, headers, body: [] };
    }
    case "etag":
      host.version += 1;
      return host.server(request);
    case "whole": {
      const { range: _, ...headers } = request.headers;
      return host.server({ ...request, headers });
    }
    case "flip":
    case "other":
    case "short":
    case "length":
      return spoiled(fault, host.server(request), place());
    default:
      return host.server(request);
  }
}

function spoiled(fault: "flip" | "other" | "short" | "length", answer: SimAnswer, place: number): SimAnswer {
  const { body, headers } = answer;
  const size = sizeOf(body);
  if (size === 0) return answer;
  const at = Math.floor((size * place) / PLACES);
  switch (fault) {
    case "flip":
      return { ...answer, body: flipped(body, at, Math.min(FLIPPED_BYTES, size - at)) };
    case "other":
      return { ...answer, body: body.map(another) };
    case "short":
      return { ...answer, headers: { ...headers, "content-length": String(at) }, body: part(body, 0, at) };
    case "length":
      return { ...answer, headers: { ...headers, "content-length": String(size + place - PLACES / 2) } };
  }
}

/** The same bytes but for a few, each of which is another. */
function flipped(body: readonly Run[], at: number, size: number): Run[] {
  const bytes = bytesOf(part(body, at, size)).map((byte) => byte ^ 0xff);
  const after = at + size;
  return [...part(body, 0, at), realRun(bytes), ...part(body, after, sizeOf(body) - after)];
}

function another(run: Run): Run {
  if (run.kind === VIRTUAL) return { ...run, id: run.id ^ OTHER };
  return realRun(bytesOf([run]).map((byte) => byte ^ 0x01));
}
