import { AprError } from "../../base/errors.ts";
import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../../base/json.ts";
import { isRfc3339 } from "../../contracts/rfc3339.ts";
import { assembleReport } from "../../oom/assemble.ts";
import type { Reading } from "../../oom/read/reading.ts";
import { nodeWorld } from "../../world/node/world.ts";
import { readOomFile } from "./read-file.ts";

/** A report, and whether it was one already. */
export interface IngestedReport {
  readonly report: JsonObject;
  readonly was: "report" | Reading["kind"];
}

/** The report that a file is, or the one that is made of it. Throws `AprError` for anything else. */
export function ingest(path: string, exitCode?: number): IngestedReport {
  const file = readOomFile(path);
  if (file.kind === "json") return { report: reportOf(path, file.document), was: "report" };
  const { reading, modified } = file;
  const { report } = assembleReport(reading.details, reading.cause, {
    exitCode: exitCode ?? null,
    exitCodeSource: exitCode === undefined ? "the file does not say" : "--exit-code",
    ...whenOf(reading, modified),
    extra: { read_from: reading.kind, ...reading.extra },
  });
  return { report, was: reading.kind };
}

function whenOf(
  { timestamp, details }: Reading,
  modified: Date | null,
): { timestamp: string; timestampSource: string } {
  if (timestamp !== null && isRfc3339(timestamp)) {
    return { timestamp, timestampSource: details[0]?.source ?? "the file" };
  }
  if (modified !== null) {
    return { timestamp: modified.toISOString(), timestampSource: "when the file was last changed" };
  }
  const now = new Date(nodeWorld.clock.wallMs());
  return { timestamp: now.toISOString(), timestampSource: "when it was read" };
}

/** A document that has the contract's keys; what is wrong with it otherwise is for `apr lint oom`. */
function reportOf(path: string, document: Json): JsonObject {
  if (isJsonObject(document) && Object.hasOwn(document, "peak_allocated_bytes")) return document;
  throw new AprError("malformed", `${path}: JSON, but neither an out-of-memory report nor a Node.js report`, {
    fields: { path },
  });
}

/** A report as it is written to a file. */
export function reportText(report: JsonObject): string {
  return `${stringifyJson(report, 2)}\n`;
}
