import { Buffer } from "node:buffer";
import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { CommonFlags, Run } from "../context.ts";
import { ingest, reportText } from "../oom/ingested.ts";
import { writeNew } from "../oom/write-new.ts";

export interface OomIngestFlags extends CommonFlags {
  readonly out?: string;
  readonly force: boolean;
  readonly exitCode?: number;
}

export const run: Run<OomIngestFlags, [string]> = async (context, flags, path) => {
  const { report, was } = ingest(path, flags.exitCode);
  const text = reportText(report);
  if (flags.out === undefined) {
    context.out(text);
    return EXIT.ok;
  }
  const data = Buffer.from(text);
  await writeNew(nodeFiles, flags.out, data, flags.force);
  context.out(
    flags.json
      ? `${stringifyJson({ path: flags.out, bytes: data.length, read_from: was })}\n`
      : `  ${was} → ${printable(flags.out)}, ${formatBytes(data.length)}\n  look  apr oom show ${printable(flags.out)}\n`,
  );
  return EXIT.ok;
};
