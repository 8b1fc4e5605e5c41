import type { OpenFile } from "../world/files.ts";

// A source is one way to one blob: a registry, a server, a folder. The engine fetches chunks from several of them.

/** One chunk to fetch, and where it goes. */
export interface ChunkRequest {
  readonly file: OpenFile;
  /** Where the chunk begins, in the blob and in the file alike. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  /** Called as bytes are written, with those since the last call. */
  readonly onBytes: (bytes: number) => void;
}

export interface WholeRequest {
  readonly file: OpenFile;
  /** The blob's size, or the most that is taken where nobody knows it. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Why a source did not give what it was asked for. */
export interface SourceFailure {
  readonly kind: "failed";
  /** Closed words, for `--json` and traces: `dns`, `cut`, `timeout`, `status`, `auth`, `not-found`, … */
  readonly code: string;
  /** For people, without secrets: `answered 503`. */
  readonly why: string;
  /** `never`: asking again cannot help, as with 401, 404 or a bad certificate. */
  readonly retry: "soon" | "never";
  /** What the other side asked to wait (Retry-After). */
  readonly afterMs: number | null;
}

export type ChunkOutcome =
  /** Exactly the chunk's bytes were written. */
  | { readonly kind: "got" }
  /** The other side sends the whole only. Nothing was written. */
  | { readonly kind: "no-ranges" }
  /** It is not the same file any more: another ETag or length than before. */
  | { readonly kind: "changed"; readonly why: string }
  | SourceFailure;

export type WholeOutcome =
  | { readonly kind: "got"; readonly sizeBytes: number }
  | { readonly kind: "changed"; readonly why: string }
  | SourceFailure;

/** One way to one blob. An abort of the signal throws the signal's reason. */
export interface BlobSource {
  /** Host or path, without credentials and query: it stands in traces, journals and messages. */
  readonly name: string;
  /** What tells one version of the file from another (ETag, or time and size); null as long as it is not known. */
  validator(): string | null;
  /** From a journal: what the version was that earlier chunks came from. Another one is `changed` from then on. */
  expect(validator: string): void;
  /** After `changed`: takes whatever version comes next. */
  forget(): void;
  chunk(request: ChunkRequest): Promise<ChunkOutcome>;
  /** The whole body from its first byte, for a side without ranges. */
  whole(request: WholeRequest): Promise<WholeOutcome>;
}
