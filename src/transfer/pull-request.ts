import type { EmitTransfer } from "../evidence/transfer-events.ts";
import type { Digest } from "../store/digest.ts";
import type { DescribeModel } from "../store/import.ts";
import type { Ref } from "../store/ref.ts";
import type { Remote } from "./remote.ts";
import type { TransferNews, TransferOptions } from "./transfer.ts";

// What a pull is asked for, and what it says of what it did.

export interface PullRequest {
  /** The REFs as they may be recorded, without secrets: the model's own, and further sources. */
  readonly ref: string;
  readonly from: readonly string[];
  /** The same, opened. The first says what the model is. */
  readonly remotes: readonly Remote[];
  readonly target: Ref;
  /** Replace a tag that has other content. */
  readonly replace: boolean;
  readonly describe: DescribeModel;
  readonly options: TransferOptions;
  readonly emit: EmitTransfer;
  readonly tell: (news: TransferNews) => void;
  readonly signal: AbortSignal;
}

export interface PulledSource {
  readonly name: string;
  /** Received from it, also what was of no use. */
  readonly bytes: number;
  /** Why it was given up; null when it was not. */
  readonly dropped: string | null;
}

export interface Pulled {
  readonly tag: string;
  /** Of the manifest. */
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Received by earlier runs. */
  readonly resumedBytes: number;
  /** In the store already. */
  readonly knownBytes: number;
  readonly sources: readonly PulledSource[];
  /** Chunks that were fetched again because they were wrong. */
  readonly repairs: number;
  /** False when the tag was there already with the same content. */
  readonly created: boolean;
}
