import { formatBytes } from "../../base/units.ts";
import { clean, fired, type Fault, notTried } from "../finding.ts";
import type { Lab } from "../lab.ts";

/** F-CHAOS-001: the peak of a clean run against the budget that the model's size gives. */
export const memoryBudget: Fault = {
  id: "F-CHAOS-001",
  title: "memory budget",
  run(lab) {
    const peak = largestPeak(lab.baseline.run);
    const tree = lab.baseline.run.memory?.treeBytes ?? peak?.bytes ?? null;
    const reproduce = lab.reproduction.with((command) => `/usr/bin/time -v ${command}`);
    if (peak === null || tree === null) {
      const happened =
        "the peak could not be measured: GNU time is missing, and the run is too short to sample";
      const reason = { code: "not-measured", remedy: "apt-get install time" };
      return Promise.resolve(notTried(reason, happened, reproduce));
    }
    const budget = 3 * lab.modelBytes + 512 * 1024 * 1024;
    return Promise.resolve([
      {
        evidence: { peak_rss_bytes: peak.bytes, model_size_bytes: lab.modelBytes },
        strict: [
          fired(true, `measured by ${peak.method}`),
          [
            "APR-CHAOS-TREE-BUDGET",
            { peak_tree_bytes: Math.max(tree, peak.bytes), model_size_bytes: lab.modelBytes },
          ],
          clean(lab, lab.baseline.first),
        ],
        fired: true,
        happened: `peak ${formatBytes(peak.bytes)} of ${formatBytes(budget)} allowed`,
        reproduce,
        attempt: lab.baseline.first,
      },
    ]);
  },
};

export interface Peak {
  readonly bytes: number;
  /** `gnu-time`: exact, from the kernel's accounting. `vm-hwm`: the kernel's mark, sampled while it ran. */
  readonly method: "gnu-time" | "vm-hwm";
}

/** The kernel counts pages in batches a thread: small figures from two sources differ by as much. */
const BATCH_BYTES = 1024 * 1024;

/** Alone, fewer samples say nothing: they may all have come before the command itself began. */
const MIN_SAMPLES = 10;

/** The peak of the largest process. Sampling counts where it saw more: an orphan that nobody waits for. */
export function largestPeak(run: Lab["baseline"]["run"]): Peak | null {
  const exact = run.gnuTime?.peakRssBytes ?? 0;
  const sampled = run.memory?.largestBytes ?? 0;
  if (exact === 0) {
    const enough = (run.memory?.samples ?? 0) >= MIN_SAMPLES && sampled > 0;
    return enough ? { bytes: sampled, method: "vm-hwm" } : null;
  }
  // Only a clear excess is another process.
  return sampled > exact * 1.02 + BATCH_BYTES
    ? { bytes: sampled, method: "vm-hwm" }
    : { bytes: exact, method: "gnu-time" };
}
