import type { EmitTransfer } from "../evidence/transfer-events.ts";
import type { Store } from "../store/store.ts";
import type { Journal } from "./journal/journal.ts";
import type { Obligations } from "./obligations.ts";
import type { TransferWorld } from "./world.ts";

/** What can be set: the first two by a person. */
export interface TransferOptions {
  /** Failures in a row until a source is given up. */
  readonly retries: number;
  /** In each such time a chunk must come on. */
  readonly stallMs: number;
  /** What may be received and not yet on the medium, of which half is synced at once; MAX_UNSYNCED_BYTES where nobody says. */
  readonly unsyncedBytes?: number;
}

/** News for whoever watches. Names of sources hold no secrets. */
export type TransferNews =
  | { readonly kind: "waiting"; readonly pid: number }
  | {
      readonly kind: "plan";
      readonly tag: string;
      /** Null where nobody tells. */
      readonly totalBytes: number | null;
      readonly blobs: number;
      /** In the store already. */
      readonly knownBytes: number;
      /** Fetched by an earlier run. */
      readonly resumedBytes: number;
      readonly freeBytes: number;
      readonly sources: readonly string[];
    }
  /** A push knows what it has to bring there. */
  | { readonly kind: "sending"; readonly tag: string; readonly to: string; readonly totalBytes: number }
  | { readonly kind: "bytes"; readonly source: string; readonly bytes: number }
  | { readonly kind: "retry"; readonly source: string; readonly why: string; readonly inMs: number }
  | { readonly kind: "dropped"; readonly source: string; readonly why: string }
  | { readonly kind: "repair"; readonly blob: string; readonly chunk: number; readonly source: string }
  | { readonly kind: "restart"; readonly blob: string; readonly why: string }
  | { readonly kind: "verified"; readonly blob: string; readonly bytes: number }
  | { readonly kind: "publishing" };

/** One transfer while it runs: what every part of the engine works with. */
export interface Transfer {
  readonly world: TransferWorld;
  readonly store: Store;
  readonly emit: EmitTransfer;
  readonly obligations: Obligations;
  readonly journal: Journal;
  /** Begins the names of tasks, attempts and obligations, so that they are unique in a trace of several runs. */
  readonly label: string;
  /** Its folder in `transfers/`. */
  readonly folder: string;
  readonly options: TransferOptions;
  readonly tell: (news: TransferNews) => void;
}
