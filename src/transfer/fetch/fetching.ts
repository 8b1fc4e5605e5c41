import { AprError } from "../../base/errors.ts";
import type { Region } from "../region.ts";
import type { Transfer } from "../transfer.ts";
import { unreachable } from "./failure.ts";
import type { Job } from "./job.ts";
import type { Notifier } from "./notifier.ts";
import type { Path } from "./path.ts";
import type { Stalls } from "./stalls.ts";
import type { Syncer } from "./syncer.ts";

/** Everything that is shared while blobs are fetched. */
export interface Fetching {
  readonly transfer: Transfer;
  readonly region: Region;
  readonly changes: Notifier;
  readonly syncer: Syncer;
  readonly stalls: Stalls;
  readonly paths: readonly Path[];
  /** Blobs that are open now, in the order of the plan. */
  readonly open: Set<Job>;
  readonly isOver: () => boolean;
  /** Throws when a blob that is not done has no way left. */
  readonly requireWays: () => void;
  /** True when some other blob can come by nobody else. */
  readonly isLastWay: (path: Path, but: Job) => boolean;
}

/** False when something of it is missing that nobody is left to ask for. */
export function hasWay(job: Job): boolean {
  if (job.full) return true;
  for (const { down } of job.ways.keys()) if (down === null) return true;
  return false;
}

export function requireWay(job: Job): void {
  if (!hasWay(job)) throw unreachable(job);
}

/** For code that runs only while the file is open. */
export function fileOf(job: Job): NonNullable<Job["file"]> {
  if (job.file === null) throw new AprError("unexpected", `${job.key} is not open`);
  return job.file;
}
