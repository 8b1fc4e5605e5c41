import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { memoryVizSnapshot } from "../../oom/export/memory-viz.ts";
import { perfettoTrace } from "../../oom/export/perfetto.ts";
import { pprofProfile } from "../../oom/export/pprof.ts";
import { speedscopeProfile } from "../../oom/export/speedscope.ts";
import { type ReportView, viewReport } from "../../oom/report-view.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { isTerminal, writeBytes } from "../../world/node/stdio.ts";
import type { CommonFlags, Run } from "../context.ts";
import { ingest } from "../oom/ingested.ts";
import { writeNew } from "../oom/write-new.ts";

/** What a report can be exported to. */
export type ExportForm = "perfetto" | "speedscope" | "pprof" | "memory-viz";

export interface OomExportFlags extends CommonFlags {
  readonly to: ExportForm;
  readonly out?: string;
  readonly force: boolean;
}

/** Where each form is looked at. */
const VIEWERS: Readonly<Record<ExportForm, string>> = {
  perfetto: "https://ui.perfetto.dev, Open trace file",
  speedscope: "https://www.speedscope.app",
  pprof: "go tool pprof -http=: FILE",
  "memory-viz": "https://pytorch.org/memory_viz",
};

export const run: Run<OomExportFlags, [string]> = async (context, flags, path) => {
  const { to, out, json, force } = flags;
  if (out === undefined && json)
    throw new AprError("usage", "--json needs --out: stdout holds the export itself");
  const data = exported(to, path === "-" ? "stdin" : basename(path), viewReport(ingest(path).report));
  if (out === undefined) {
    if ((to === "pprof" || to === "memory-viz") && isTerminal(1)) {
      throw new AprError("usage", `${to} is binary, and stdout is a terminal`, { hint: "use --out FILE" });
    }
    writeBytes(1, data);
    return EXIT.ok;
  }
  await writeNew(nodeFiles, out, data, force);
  context.out(
    json
      ? `${stringifyJson({ path: out, bytes: data.length, form: to })}\n`
      : `  ${to} → ${printable(out)}, ${formatBytes(data.length)}\n  look  ${VIEWERS[to]}\n`,
  );
  return EXIT.ok;
};

function exported(to: ExportForm, name: string, view: ReportView): Uint8Array {
  const json = (document: JsonObject): Buffer => Buffer.from(`${stringifyJson(document)}\n`);
  switch (to) {
    case "perfetto":
      return json(perfettoTrace(name, view));
    case "speedscope":
      return json(speedscopeProfile(name, view));
    case "pprof":
      return pprofProfile(name, view);
    case "memory-viz":
      return memoryVizSnapshot(view);
  }
}
