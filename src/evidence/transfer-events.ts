// The events of a transfer: the engine emits them, the oracles read them, and neither knows the other.

/** What is held for a while and must end exactly once, committed or aborted. */
export type ObligationKind = "chunk" | "slot" | "temp" | "lease" | "journal";

/** Data of each kind of event. Digests are `sha256:<hex>`. */
export interface TransferEvents {
  /** A group of tasks that ends together. */
  readonly region_created: { readonly region: string };
  readonly region_cancelled: { readonly region: string; readonly why: string };
  readonly region_close_begin: { readonly region: string };
  readonly region_close_complete: { readonly region: string };

  readonly spawn: { readonly task: string; readonly region: string };
  /** The task was told to stop. It must still `complete` before its region closes. */
  readonly cancel: { readonly task: string; readonly why: string };
  readonly complete: { readonly task: string; readonly outcome: "ok" | "failed" | "cancelled" };

  readonly reserve: { readonly id: string; readonly what: ObligationKind; readonly of: string };
  readonly commit: { readonly id: string };
  readonly abort: { readonly id: string; readonly why: string };

  /** A way was chosen for one chunk. It ends as `path_done`, `path_failed` or `race_lost`, by the same `attempt`. */
  readonly path_chosen: { readonly attempt: string; readonly chunk: string; readonly path: string };
  readonly path_done: { readonly attempt: string; readonly chunk: string; readonly path: string };
  readonly path_failed: {
    readonly attempt: string;
    readonly chunk: string;
    readonly path: string;
    readonly why: string;
  };
  readonly race_lost: { readonly attempt: string; readonly chunk: string; readonly path: string };
  /** A source is not asked again. */
  readonly path_dropped: { readonly path: string; readonly why: string };
  /** The bytes of a chunk were found wrong and are fetched again. */
  readonly repair: { readonly chunk: string; readonly path: string; readonly why: string };

  /** A journal was opened: numbers go on from `next`, chained to `head`. */
  readonly journal_opened: { readonly next: number; readonly head: string };
  /** A record was written: its number, the digest before it and its own. */
  readonly checkpoint: { readonly seq: number; readonly prev: string; readonly hash: string };

  /** What the manifest must be, and what came. */
  readonly manifest: { readonly expected: string; readonly actual: string };
  /** The bytes of a blob were hashed. `expected` is null where nobody told a digest. */
  readonly hashed: { readonly blob: string; readonly expected: string | null; readonly actual: string };
  /** Something got its final name. */
  readonly exposed: { readonly what: "blob" | "manifest"; readonly name: string; readonly digest: string };
  /** What the result says of itself: the digests that its manifest records. */
  readonly proof: { readonly blob: string; readonly digest: string };
  /** The manifest as it was read back under its final name. */
  readonly published: { readonly digest: string };

  readonly message: { readonly message: string };
}

export type TransferEventKind = keyof TransferEvents;

/** Emits an event of a transfer. */
export type EmitTransfer = <Kind extends TransferEventKind>(kind: Kind, data: TransferEvents[Kind]) => void;
