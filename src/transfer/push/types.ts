import type { EmitTransfer } from "../../evidence/transfer-events.ts";
import type { Digest } from "../../store/digest.ts";
import type { Ref } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { DEFAULT_RETRIES, FIRST_BACKOFF_MS, MAX_BACKOFF_MS } from "../limits.ts";
import type { Obligations } from "../obligations.ts";
import type { RegistryApi } from "../registry/api.ts";
import type { TransferWorld } from "../world.ts";
import type { UploadJournal } from "./upload-journal.ts";

/** `bytes`, `skipped` and `mounted` together reach the total. */
export type PushProgress =
  /** All blobs together; told once, before the first byte is sent. */
  | { readonly kind: "total"; readonly bytes: number }
  /** Bytes that are at the registry now for the first time; sending a part again is not told again. */
  | { readonly kind: "bytes"; readonly bytes: number }
  /** One blob is there: it was before, it was mounted from another repository, or it was sent. */
  | { readonly kind: "skipped" | "mounted" | "uploaded"; readonly digest: Digest; readonly bytes: number };

/** How much at once, and how patiently. */
export interface PushLimits {
  /** Size of one PATCH. A registry may ask for more (OCI-Chunk-Min-Length), a proxy for less (413). */
  readonly pieceBytes: number;
  /** Blobs up to this size are sent by a single PUT. */
  readonly monolithicBytes: number;
  /** Blobs that are on their way at the same time. */
  readonly lanes: number;
  /** Failures in a row, without a byte of progress, until a push gives up. */
  readonly tries: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: PushLimits = {
  pieceBytes: 64 * MIB,
  monolithicBytes: 8 * MIB,
  lanes: 4,
  tries: DEFAULT_RETRIES,
  firstWaitMs: FIRST_BACKOFF_MS,
  longestWaitMs: MAX_BACKOFF_MS,
};

export interface PushRequest {
  /** The tag of the store. */
  readonly ref: Ref;
  /** The tag at the registry. */
  readonly reference: string;
  /** Replaces another manifest under that tag. */
  readonly force: boolean;
  /** Repositories of the same registry that may hold the blobs already. */
  readonly mountFrom: readonly string[];
  readonly emit: EmitTransfer;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
  readonly limits?: Partial<PushLimits>;
}

export interface Pushed {
  /** The tag of the store. */
  readonly tag: string;
  /** Of the manifest, as it was read back. */
  readonly digest: Digest;
  /** The registry's name. */
  readonly name: string;
  readonly repository: string;
  readonly reference: string;
  /** All blobs together. */
  readonly sizeBytes: number;
  /** Blob bytes that went over the network, also those that had to be sent again. */
  readonly sentBytes: number;
  readonly mountedBytes: number;
  readonly skippedBytes: number;
  /** What an earlier push, cut short, had sent already. */
  readonly resumedBytes: number;
  /** The tag was there with this very manifest: nothing was sent. */
  readonly same: boolean;
}

/** What every step of a push needs. */
export interface PushContext {
  readonly world: TransferWorld;
  readonly store: Store;
  readonly api: RegistryApi;
  readonly limits: PushLimits;
  readonly emit: EmitTransfer;
  readonly obligations: Obligations;
  readonly journal: UploadJournal;
  /** Aborted when the caller cancels, and when another task of this push failed. */
  readonly signal: AbortSignal;
  readonly tell: (progress: PushProgress) => void;
  readonly totals: PushTotals;
}

/** Counted as it happens. */
export interface PushTotals {
  sentBytes: number;
  mountedBytes: number;
  skippedBytes: number;
  resumedBytes: number;
}
