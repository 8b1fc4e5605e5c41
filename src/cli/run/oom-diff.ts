import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { diffReports, type HolderChange, type ReportDiff } from "../../oom/diff.ts";
import { viewReport } from "../../oom/report-view.ts";
import type { CommonFlags, Run } from "../context.ts";
import { diffText } from "../oom/diff-text.ts";
import { ingest } from "../oom/ingested.ts";

export const run: Run<CommonFlags, [string, string]> = (context, flags, before, after) => {
  if (before === "-" && after === "-") throw new AprError("usage", "only one of the two can be stdin");
  const diff = diffReports(viewReport(ingest(before).report), viewReport(ingest(after).report));
  context.out(
    flags.json ? `${stringifyJson(document(before, after, diff))}\n` : diffText(before, after, diff),
  );
  return Promise.resolve(EXIT.ok);
};

function document(before: string, after: string, diff: ReportDiff): JsonObject {
  return {
    before,
    after,
    peak_allocated_bytes: [...diff.peakAllocated],
    peak_reserved_bytes: [...diff.peakReserved],
    holders: diff.holders.map(holderJson),
    histogram: diff.buckets.map((change) => ({ ...change })),
  };
}

function holderJson({ stack, ...change }: HolderChange): JsonObject {
  return {
    stack: [...stack],
    bytes: [change.beforeBytes, change.afterBytes],
    blocks: [change.beforeBlocks, change.afterBlocks],
  };
}
