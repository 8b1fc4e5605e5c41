import { mergeReports } from "../../chaos/sweep/merge.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { readReport } from "../qa/read-report.ts";
import { checkOutputs, type OutputFlags, tellSweep } from "../qa/sweep-output.ts";

export interface MergeFlags extends CommonFlags, OutputFlags {}

export async function run(context: AprContext, flags: MergeFlags, ...files: string[]): Promise<number> {
  await checkOutputs(flags);
  const reports: SweepReport[] = [];
  for (const file of files) reports.push(await readReport(file));
  return tellSweep(context, flags, mergeReports(reports));
}
