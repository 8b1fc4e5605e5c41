import { AprError, EXIT } from "../../base/errors.ts";
import { printable } from "../../reports/printable.ts";
import { mergeSweeps, readSweep, seedsLeft, type SweepDocument } from "../../scenarios/sweep-file.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { CommonFlags, Run } from "../context.ts";
import { sweepText, violatedIn } from "../sim/sweep-text.ts";
import { absolute } from "../store/open.ts";

export interface MergeFlags extends CommonFlags {
  readonly out?: string;
}

/** A sweep file has counts and a hundred failures a scenario: real ones are below 1 MiB. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

export const run: Run<MergeFlags, string[]> = async (context, flags, ...paths) => {
  const documents: (readonly [string, SweepDocument])[] = [];
  for (const path of paths) documents.push([printable(path), readSweep(printable(path), await textOf(path))]);
  const merged = mergeSweeps(documents);
  if (flags.out !== undefined)
    await nodeFiles.writeAtomic(absolute(flags.out), `${JSON.stringify(merged, null, 2)}\n`);
  const left = seedsLeft(merged);
  if (flags.json) context.out(`${JSON.stringify({ ...merged, seeds_left: String(left) })}\n`);
  else {
    context.out(sweepText(merged));
    if (left > 0n) context.out(`  ${left} seeds are missing: ${whyMissing(merged)}\n`);
  }
  if (violatedIn(merged) > 0) return EXIT.failed;
  return left > 0n ? EXIT.inconclusive : EXIT.ok;
};

function whyMissing({ shards }: SweepDocument): string {
  const missing = shards.of - shards.in.length;
  return missing === 0 ? "shards ran out of time" : `${missing} of ${shards.of} shards are not there`;
}

async function textOf(path: string): Promise<string> {
  const read = await nodeFiles.readSmall(absolute(path), MAX_FILE_BYTES);
  if (read.kind === "bytes") return new TextDecoder().decode(read.bytes);
  if (read.kind === "absent")
    throw new AprError("not-found", `no such file: ${printable(path)}`, { fields: { path } });
  throw new AprError("malformed", `${printable(path)} is no sweep file: ${read.why}`, { fields: { path } });
}
