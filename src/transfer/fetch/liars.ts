import type { Fetching } from "./fetching.ts";
import type { Job } from "./job.ts";

/** The whole has the right digest: whoever gave other bytes for a part of it is not asked again. */
export function dropLiars(
  { isLastWay, paths, transfer }: Fetching,
  job: Job,
  owners: readonly string[],
): void {
  for (const name of new Set(owners)) {
    const path = paths.find((each) => each.name === name);
    if (path === undefined || !job.hasOtherWay(path)) continue;
    transfer.emit("message", { message: `path ${name} served wrong bytes of ${job.key}` });
    // Every blob is verified: better one that has lied than none.
    if (!isLastWay(path, job)) path.drop("served wrong bytes", true);
  }
}
