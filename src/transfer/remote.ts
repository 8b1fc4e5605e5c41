import type { PartDigests } from "../world/hash.ts";
import type { Digest } from "../store/digest.ts";
import type { Ref } from "../store/ref.ts";
import type { BlobSource } from "./source.ts";

// A remote is what a REF on the command line names. The first REF of a pull says what the model is;
// every REF, also those of --from, may give ways to its blobs.

/** One file of a model that comes without a manifest. */
export interface RemoteFile {
  /** Its name in the model's folder; a plain relative path, checked. */
  readonly title: string;
  readonly mediaType: string;
  /** Null where the other side does not tell. */
  readonly sizeBytes: number | null;
  /** Null where nobody tells: then what arrives says what it is. */
  readonly digest: Digest | null;
  /** Names the same content again in a later run: a URL without secrets, pinned to its revision. */
  readonly identity: string;
}

export type Resolved =
  /** A manifest that is taken over byte for byte. */
  | {
      readonly kind: "image";
      readonly bytes: Uint8Array;
      /** What it must be: the digest that was asked for, or that the registry named; else what came. */
      readonly expected: Digest;
    }
  | { readonly kind: "files"; readonly files: readonly RemoteFile[] };

/** The blob that a way is wanted to. */
export interface Wanted {
  /** Null for a file whose digest nobody knows. */
  readonly digest: Digest | null;
  readonly sizeBytes: number | null;
  /** Its name in the model's folder; null when none is told. */
  readonly title: string | null;
}

export interface Remote {
  /** Host or path, without credentials and query. */
  readonly name: string;
  /** The tag that a pull from it gets by default; null when `--as` must say it. */
  readonly tag: Ref | null;
  /** Says what the model is. Throws AprError: `not-found`, `network`, `malformed`. */
  resolve(signal: AbortSignal): Promise<Resolved>;
  /** A way to one blob; null when it has not got it. Throws AprError when it cannot be asked. */
  blob(wanted: Wanted, signal: AbortSignal): Promise<BlobSource | null>;
  /** Digests of a blob's parts, where it keeps them (apr serve does); null elsewhere. `later`: it is computing them. */
  parts?(digest: Digest, signal: AbortSignal): Promise<PartDigests | "later" | null>;
}
