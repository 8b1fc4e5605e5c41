import { AprError } from "../base/errors.ts";

export type ReplayErrorCode =
  /** A file that was named is not that of the pack. */
  | "not-this-pack"
  /** An oracle that was named is not one of the pack's results. */
  | "unknown-oracle"
  /** The pack's failure does not come again, so that there is nothing to minimize. */
  | "not-reproduced"
  | "not-replayable"
  | "no-such-fault"
  /** Flags that do not go together, or nothing to replay. */
  | "wrong-words";

/** A replay that was asked for in a way that makes no sense. What a replay finds is a result, never an error. */
export class ReplayError extends AprError {
  readonly code: ReplayErrorCode;

  constructor(code: ReplayErrorCode, message: string, hint?: string) {
    const kind = code === "not-reproduced" ? "exists" : code === "not-replayable" ? "inconclusive" : "usage";
    super(kind, message, { ...(hint === undefined ? {} : { hint }), fields: { code } });
    this.code = code;
  }
}
