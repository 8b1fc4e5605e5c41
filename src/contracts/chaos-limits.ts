import { type Int, intOf, readU64 } from "../base/ints.ts";
import type { Json } from "../base/json.ts";

// The figures of `apr-qa-chaos-v1`. Source: seed 001.

/** Memory budget: this many times the model's size … */
export const AC_CHAOS_RSS_MULTIPLIER = 3;
/** … plus this much, in bytes. */
export const AC_CHAOS_RSS_OVERHEAD_BYTES: number = 512 * 1024 * 1024;
/** Exit code of a program that SIGINT ended. */
export const AC_CHAOS_SIGINT_EXIT_CODE = 130;
/** Exit code of a program that SIGSEGV ended. */
export const AC_CHAOS_SIGSEGV_EXIT_CODE = 139;
/** A program must have ended before this time after SIGINT, milliseconds. */
export const AC_CHAOS_SIGINT_MAX_RESPONSE_MS = 2000;
/** One of these in stderr, in any case, makes a message about memory. */
export const AC_CHAOS_OOM_KEYWORDS = ["memory", "oom", "allocation"] as const;
/** One of these in stderr, in any case, makes a message about the disk. */
export const AC_CHAOS_DISK_KEYWORDS = ["disk", "space", "write"] as const;

/** Below this model size the whole budget is an exact double. */
const SMALL_MODEL_BYTES = 2 ** 51;

/** The memory budget for a model, bytes, exact for every size up to 2^64-1. */
export function memoryBudgetBytes(modelSizeBytes: Json): Int {
  const model = readU64(modelSizeBytes);
  if (typeof model === "number" && model < SMALL_MODEL_BYTES) {
    return AC_CHAOS_RSS_MULTIPLIER * model + AC_CHAOS_RSS_OVERHEAD_BYTES;
  }
  return intOf(BigInt(AC_CHAOS_RSS_MULTIPLIER) * BigInt(model) + BigInt(AC_CHAOS_RSS_OVERHEAD_BYTES));
}
