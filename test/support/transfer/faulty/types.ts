import type { IncomingHttpHeaders } from "node:http";
import type { ServedBytes } from "../model.ts";

/** What a fault does to an answer. One function for each kind is in faults.ts. */
export type FaultAction =
  /** The connection is reset after so many bytes of the body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The body ends early, without a reset, although its length was told. */
  | { readonly kind: "short"; readonly missingBytes: number }
  /** Some bytes, then silence for ever. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** A few bytes now and then. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  /** Content-Length is off by so much; the body is right. */
  | { readonly kind: "wrong-length"; readonly byBytes: number }
  /** Content-Range names another place. */
  | { readonly kind: "wrong-range"; readonly byBytes: number }
  /** One byte of the content, counted from the file's start, is another one; only answers that hold it count. */
  | { readonly kind: "wrong-byte"; readonly at: number }
  /** Ranges are ignored: always everything, with status 200. */
  | { readonly kind: "no-ranges" }
  /** An error status; `retryAfter` is sent as it is, or as a date so many seconds ahead. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly retryAfter?: string | { readonly dateInS: number };
    }
  /** Other content from now on, with another ETag. */
  | { readonly kind: "changed"; readonly bytes: Buffer }
  | { readonly kind: "redirect"; readonly to: string }
  /** Redirects to itself for ever. */
  | { readonly kind: "redirect-loop" }
  /** The connection ends before any answer. */
  | { readonly kind: "no-head" }
  | { readonly kind: "garbage" }
  | { readonly kind: "endless-headers" }
  | { readonly kind: "endless-body" }
  /** The body is compressed, and says so. */
  | { readonly kind: "gzip" };

/** Which requests a fault hits. */
export interface FaultWhen {
  /** `ranges`: GET of content with a range; `content`: any GET of it; `head`: HEAD of it; `any`: all but the token's. */
  readonly to: "ranges" | "content" | "head" | "manifest" | "any";
  /** Only paths that hold this text. */
  readonly path?: string;
  /** The first of these that is hit, from 1. */
  readonly from?: number;
  /** How many are hit; all without it. */
  readonly times?: number;
  /** Hits each first byte of a range once: every chunk fails its first time. */
  readonly oncePerRange?: boolean;
}

export interface Fault extends FaultWhen {
  readonly does: FaultAction;
}

/** An answer that is about to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How the body goes out. */
  readonly delivery:
    | { readonly kind: "plain" }
    | { readonly kind: "cut" | "end" | "stall"; readonly afterBytes: number }
    | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
    /** Not HTTP at all, or without an end. */
    | { readonly kind: "no-head" | "garbage" | "endless-headers" | "endless-body" };
}

/** What a fault may look at. */
export interface Asked {
  readonly path: string;
  readonly content: ServedBytes;
  /** First byte and the one after the last, when a range was asked for. */
  readonly range: { readonly start: number; readonly end: number } | null;
}

/** One request, as it was seen. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly headers: IncomingHttpHeaders;
  status: number;
  /** Bytes of the body that were given to the connection. */
  sentBytes: number;
  /** The fault that it met. */
  fault: FaultAction["kind"] | null;
}
