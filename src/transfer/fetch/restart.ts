import { keepsChanging } from "./failure.ts";
import type { Fetching } from "./fetching.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";

// A blob begins anew: what is there of it is thrown away.

/**
 * A source has another version than before. One that does so too often is not asked for this blob again; throws
 * where there is no other one.
 */
export function restart({ transfer }: Fetching, job: Job, path: Path, why: string): void {
  tellRepair(transfer.emit, job, "the blob starts again");
  const again = job.restart();
  // Whatever versions they have now count, also where others are still to find that out.
  for (const source of job.ways.values()) source.forget();
  job.versions.clear();
  transfer.journal.append(beginning(job));
  transfer.tell({ kind: "restart", blob: job.key, why });
  if (again) return;
  if (!job.hasOtherWay(path)) throw keepsChanging(job, why);
  job.ways.delete(path);
}

/** When nobody is left that has ranges, the blob comes in one piece. False while that is not so. */
export function turnWhole({ transfer }: Fetching, job: Job): boolean {
  if (job.isRanged || job.anyBusy) return false;
  tellRepair(transfer.emit, job, "it comes in one piece from now on");
  job.becomeWhole();
  transfer.journal.append(beginning(job));
  return true;
}

function tellRepair(emit: Fetching["transfer"]["emit"], job: Job, why: string): void {
  for (let index = 0; index < job.count; index++) {
    const path = job.ownerOf(index);
    if (path !== undefined) emit("repair", { chunk: job.chunkName(index), path, why });
  }
}

function beginning(job: Job): { kind: "blob"; key: string; size: number | null; chunk: number } {
  return { kind: "blob", key: job.key, size: job.sizeBytes, chunk: job.chunkBytes };
}
