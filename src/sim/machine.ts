import type { Coverage } from "./coverage.ts";
import type { Chooser } from "./choices.ts";
import type { DigestMemo, Sha256 } from "./digest.ts";
import type { Disk } from "./disk.ts";
import type { Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** What the world of one process stands on. */
export interface Machine {
  readonly scheduler: Scheduler;
  readonly chooser: Chooser;
  readonly coverage: Coverage;
  readonly disk: Disk;
  readonly sha256: Sha256;
  readonly memo: DigestMemo;
}

export interface Seat {
  readonly machine: Machine;
  readonly process: Process;
}

/** How long calls take, in microseconds: about as long as on a local disk. */
export const COST = {
  lookup: 5,
  open: 10,
  read: 20,
  write: 20,
  sync: 1_000,
  /** For each MiB that is read, written or hashed. */
  mebibyte: 400,
} as const;

export function sizedUs(baseUs: number, bytes: number): number {
  return baseUs + Math.ceil((bytes * COST.mebibyte) / 1_048_576);
}
