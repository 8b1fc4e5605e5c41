import { systemCode } from "../../base/errors.ts";
import { placeReport, REPORT_FOLDER } from "../../oom/place-report.ts";
import type { World } from "../../world/world.ts";
import { absolute } from "../store/open.ts";

export interface PlacedReports {
  /** In `/tmp`, where the contract wants it; null when it could not be written there. */
  readonly path: string | null;
  /** In `--report-dir`. */
  readonly copy: string | null;
  readonly problems: readonly { readonly message: string; readonly hint: string }[];
}

interface ReportText {
  readonly text: string;
  readonly reportDir: string | undefined;
  readonly wallMs: number;
}

/** Writes the report to its places. A place that fails is a problem to tell of, never an error: the program's end counts. */
export async function writeReports(
  world: Pick<World, "files" | "random">,
  { text, reportDir, wallMs }: ReportText,
): Promise<PlacedReports> {
  const seconds = Math.floor(wallMs / 1000);
  const problems: { message: string; hint: string }[] = [];
  const place = async (folder: string, hint: string): Promise<string | null> => {
    try {
      return await placeReport(world, folder, seconds, text);
    } catch (error) {
      problems.push({ message: `the program ran out of memory, but ${whyNot(folder, error)}`, hint });
      return null;
    }
  };
  const given = reportDir === undefined ? null : absolute(reportDir);
  if (given !== null) await world.files.makeFolder(given).catch(() => undefined);
  const copy = given === null ? null : await place(given, "name a folder that can be written to");
  const elsewhere = copy === null ? "use --report-dir DIR for a copy elsewhere" : `the report is at ${copy}`;
  const path = await place(REPORT_FOLDER, elsewhere);
  return { path, copy, problems };
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left there",
  EDQUOT: "the quota there is used up",
  EACCES: "it may not be written to",
  EPERM: "it may not be written to",
  EROFS: "it is read-only",
  ENOENT: "there is no such folder",
  ENOTDIR: "it is no folder",
  ELOOP: "a symbolic link is in the way",
};

function whyNot(folder: string, error: unknown): string {
  const code = systemCode(error) ?? "";
  const why = WORDS[code] ?? (error instanceof Error ? error.message : String(error));
  return `its report could not be written to ${folder}: ${why}${code === "" ? "" : ` (${code})`}`;
}
