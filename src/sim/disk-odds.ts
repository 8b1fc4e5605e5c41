import { Odds } from "./choices.ts";
import type { FaultPlan } from "./faults.ts";

/** How likely each call of the disk fails. */
export type DiskOdds = Readonly<Record<"read" | "write" | "sync", Odds>>;

const KNOWN = new WeakMap<FaultPlan["disk"], DiskOdds>();

/** The same plan serves many worlds. */
export function diskOddsOf(faults: FaultPlan["disk"]): DiskOdds {
  const known = KNOWN.get(faults);
  if (known !== undefined) return known;
  const odds = {
    read: new Odds([faults.read ?? 0]),
    write: new Odds([faults.write ?? 0, faults.full ?? 0]),
    sync: new Odds([faults.sync ?? 0]),
  };
  KNOWN.set(faults, odds);
  return odds;
}
