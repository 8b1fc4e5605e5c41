import { AprError } from "../../base/errors.ts";
import { addSubjects, type MeasuredTable } from "../../evidence/measured-table.ts";
import { ownCommand } from "../../world/node/own-command.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import type { CalibrateFlags } from "./calibrate-flags.ts";

/** A table takes about 8 KiB. */
const CAPTURE_BYTES = 2 * 1024 * 1024;

/** Measures parts of the seeds in processes of their own; the sum is the same as from one. */
export async function measureInParts(
  context: AprContext,
  { jobs, seeds, stores }: CalibrateFlags,
  signal: AbortSignal,
): Promise<MeasuredTable> {
  const count = Math.min(jobs, seeds[1] - seeds[0], stores[1] - stores[0]);
  const parts = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      measurePart(
        context,
        [...["--seeds", partOf(seeds, index, count), "--stores", partOf(stores, index, count)]],
        signal,
      ),
    ),
  );
  return parts.reduce((one, two) => {
    if (one.apr_version !== two.apr_version) throw new RangeError("parts of two versions");
    const subjects = one.subjects.map((each, index) => {
      const other = two.subjects[index];
      if (other === undefined) throw new RangeError("a part without a subject");
      return addSubjects(each, other);
    });
    return { ...one, subjects };
  });
}

function partOf([first, last]: readonly [number, number], index: number, count: number): string {
  const edge = (at: number): number => first + Math.floor(((last - first) * at) / count);
  return `${edge(index)}..${edge(index + 1)}`;
}

async function measurePart(
  { env }: AprContext,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<MeasuredTable> {
  const [node, ...own] = ownCommand();
  const child = await nodeWorld.processes.spawn({
    argv: [node, ...own, "sim", "calibrate", ...flags, "--json"],
    cwd: workingFolder(),
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    captureBytes: CAPTURE_BYTES,
  });
  const stop = (): void => void nodeWorld.processes.signal(-child.pid, "SIGKILL");
  signal.addEventListener("abort", stop);
  try {
    const { code } = await child.exited;
    await child.drained;
    signal.throwIfAborted();
    if (code === 0) return JSON.parse(child.stdout().text) as MeasuredTable;
    const why = child.stderr().text.trim() || `exit ${code}`;
    throw new AprError("unexpected", `a part of the seeds could not be measured: ${why}`);
  } finally {
    signal.removeEventListener("abort", stop);
    child.release();
  }
}
