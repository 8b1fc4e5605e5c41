import type { Attempt } from "../attempt.ts";
import { acceptable, type Lab } from "../lab.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** The search stops when it knows the limit this well, in parts of the limit or in bytes. */
const PRECISION_PARTS = 128;
const PRECISION_BYTES = 64 * KIB;
/** No machine has more address space than this to give away; a command that needs it is not limited. */
const CEILING_BYTES = 1024 * 1024 * MIB;
const MAX_RUNS = 24;

/**
 * Address-space limits just below what the command needs, bytes, largest first; empty when every limit was enough.
 * The first is the largest one under which the search saw it fail. No two runs map quite the same, so the second,
 * one precision lower, is for a run that works under the first after all.
 */
export async function insufficientLimits(lab: Lab): Promise<readonly number[]> {
  const first = await sufficientLimit(lab);
  if (first === null) return [];
  let enough: number = first;
  let tooSmall = 0;
  for (let run = 0; run < MAX_RUNS && enough - tooSmall > precision(enough); run++) {
    const limit = Math.floor((tooSmall + enough) / 2 / KIB) * KIB;
    if (await succeeds(lab, limit)) enough = limit;
    else tooSmall = limit;
  }
  return tooSmall === 0 ? [] : [tooSmall, Math.max(KIB, tooSmall - precision(tooSmall))];
}

function precision(limit: number): number {
  return Math.max(PRECISION_BYTES, limit / PRECISION_PARTS);
}
/** A limit under which it works: its own peak, with some room since no two runs map quite the same. */
async function sufficientLimit(lab: Lab): Promise<number | null> {
  let limit = Math.max(4 * MIB, Math.ceil((lab.baseline.run.memory?.peakVirtualBytes ?? 0) * 1.1));
  while (limit <= CEILING_BYTES) {
    if (await succeeds(lab, limit)) return limit;
    limit *= 2;
  }
  return null;
}

async function succeeds(lab: Lab, limit: number): Promise<boolean> {
  await lab.slot.reset();
  const done: Attempt = await lab.attempt({ addressSpaceBytes: limit });
  if (done.run.exitCode !== 0) return false;
  return acceptable(await lab.likeness(done.output));
}
