import { asAprError } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { checkReportFile, writeReportFile } from "../../chaos/keep.ts";
import { packFindings } from "../../chaos/sweep/pack.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import { sweepSarif } from "../../reports/sarif.ts";
import { sweepJunit } from "../../reports/sweep-junit.ts";
import { sweepMarkdown } from "../../reports/sweep-markdown.ts";
import { sweepTable } from "../../reports/sweep-table.ts";
import { terminalColumns } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import { absolute } from "../store/open.ts";
import { hasColor } from "../terminal.ts";
import { VERSION } from "../version.ts";

/** Where reports go, besides stdout. */
export interface OutputFlags {
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly crashpack?: string;
}

/** A scenario's file is where a code host shows its findings; a sweep by hand has none. */
const NO_FILE = "apr-qa-sweep";

/** Refuses report files that cannot be written, before any time is spent on a run. */
export async function checkOutputs({ junit, sarif, markdown }: OutputFlags): Promise<void> {
  if (junit !== undefined) await checkReportFile(nodeWorld, junit, "--junit");
  if (sarif !== undefined) await checkReportFile(nodeWorld, sarif, "--sarif");
  if (markdown !== undefined) await checkReportFile(nodeWorld, markdown, "--markdown");
}

/** Keeps packs, writes the report files, and prints one sweep. Gives back the exit code. */
export async function tellSweep(
  context: AprContext,
  flags: OutputFlags & { readonly json: boolean },
  swept: SweepReport,
): Promise<number> {
  const report = { ...swept, packs: { ...swept.packs, ...(await packed(context, flags.crashpack, swept)) } };
  await writeOutputs(flags, [{ report, file: NO_FILE }]);
  context.out(
    flags.json ? `${stringifyJson({ ...report } as never)}\n` : sweepTable(report, tableOptions(context)),
  );
  return report.exit_code;
}

/** Packs of all findings; what cannot be written hides no other failure. */
export async function packed(
  context: AprContext,
  folder: string | undefined,
  report: SweepReport,
): Promise<SweepReport["packs"]> {
  if (folder === undefined) return {};
  try {
    return await packFindings(nodeWorld, absolute(folder), report, VERSION);
  } catch (thrown) {
    context.err(`apr: no crashpack could be written: ${asAprError(thrown).message}\n`);
    return {};
  }
}

export async function writeOutputs(
  { junit, sarif, markdown }: OutputFlags,
  sources: readonly { readonly report: SweepReport; readonly file: string }[],
): Promise<void> {
  const reports = sources.map(({ report }) => report);
  if (junit !== undefined) await writeReportFile(nodeWorld, junit, sweepJunit(reports), "--junit");
  if (sarif !== undefined) await writeReportFile(nodeWorld, sarif, sweepSarif(sources, VERSION), "--sarif");
  if (markdown !== undefined) {
    await writeReportFile(nodeWorld, markdown, reports.map(sweepMarkdown).join("\n"), "--markdown");
  }
}

export function tableOptions(context: AprContext): { width: number; color: boolean } {
  return { width: terminalColumns() ?? 100, color: hasColor(context) };
}
