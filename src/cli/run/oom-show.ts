import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { viewReport } from "../../oom/report-view.ts";
import type { CommonFlags, Run } from "../context.ts";
import { ingest } from "../oom/ingested.ts";
import { showText } from "../oom/show-text.ts";

export const run: Run<CommonFlags, [string]> = (context, flags, path) => {
  const { report } = ingest(path);
  context.out(flags.json ? `${stringifyJson(report)}\n` : showText(path, viewReport(report)));
  return Promise.resolve(EXIT.ok);
};
