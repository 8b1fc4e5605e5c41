import type { ReportView, ViewHolder } from "./report-view.ts";

/** One stack in two reports; 0 where a report does not name it. */
export interface HolderChange {
  /** Outermost first. */
  readonly stack: readonly string[];
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly beforeBlocks: number;
  readonly afterBlocks: number;
}

export interface BucketChange {
  readonly bucket: string;
  readonly before: number;
  readonly after: number;
}

/** What changed from one report to another. */
export interface ReportDiff {
  readonly peakAllocated: readonly [before: number | null, after: number | null];
  readonly peakReserved: readonly [before: number | null, after: number | null];
  /** Stacks that changed, by how much they grew: those that shrank come last. */
  readonly holders: readonly HolderChange[];
  /** Buckets that changed. */
  readonly buckets: readonly BucketChange[];
}

/** Compares two reports. Pure. */
export function diffReports(before: ReportView, after: ReportView): ReportDiff {
  return {
    peakAllocated: [before.peakAllocatedBytes, after.peakAllocatedBytes],
    peakReserved: [before.peakReservedBytes, after.peakReservedBytes],
    holders: holderChanges(before.holders, after.holders),
    buckets: bucketChanges(before.histogram, after.histogram),
  };
}

function holderChanges(before: readonly ViewHolder[], after: readonly ViewHolder[]): HolderChange[] {
  const [old, now] = [byStack(before), byStack(after)];
  const changes = [...new Set([...old.keys(), ...now.keys()])].map((key): HolderChange => {
    const [was, is] = [old.get(key), now.get(key)];
    return {
      stack: is?.stack ?? was?.stack ?? [],
      ...{ beforeBytes: was?.bytes ?? 0, afterBytes: is?.bytes ?? 0 },
      ...{ beforeBlocks: was?.blocks ?? 0, afterBlocks: is?.blocks ?? 0 },
    };
  });
  return changes
    .filter((each) => each.beforeBytes !== each.afterBytes || each.beforeBlocks !== each.afterBlocks)
    .sort((a, b) => b.afterBytes - b.beforeBytes - (a.afterBytes - a.beforeBytes));
}

function byStack(holders: readonly ViewHolder[]): Map<string, ViewHolder> {
  const map = new Map<string, ViewHolder>();
  for (const holder of holders) {
    const key = holder.stack.join("\n");
    const other = map.get(key);
    map.set(key, {
      stack: holder.stack,
      bytes: holder.bytes + (other?.bytes ?? 0),
      blocks: holder.blocks + (other?.blocks ?? 0),
    });
  }
  return map;
}

function bucketChanges(before: ReportView["histogram"], after: ReportView["histogram"]): BucketChange[] {
  const [old, now] = [new Map(before), new Map(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((bucket) => ({ bucket, before: old.get(bucket) ?? 0, after: now.get(bucket) ?? 0 }))
    .filter((change) => change.before !== change.after);
}
