import { AprError } from "../../base/errors.ts";
import { type JsonObject, parseJson } from "../../base/json.ts";
import { judgeContract } from "../../contracts/judge.ts";
import { oomContract, oomEvidence } from "../../contracts/oom.ts";
import { breadcrumbPaths, OOM_REPORT_MAX_SIZE_BYTES } from "../../contracts/oom-report.ts";
import { callerUid, decodeUtf8, fileFacts, readBounded } from "../../world/node/input.ts";
import type { AprContext } from "../context.ts";
import { showVerdicts } from "./show.ts";

/** A captured stderr is read into memory whole: 64 MiB. */
const MAX_STDERR_BYTES = 64 * 1024 * 1024;

export interface OomInput {
  readonly report: string;
  /** File with the program's captured stderr. */
  readonly stderr: string | undefined;
}

/** Judges an out-of-memory report by every gate of its contract, its size first and before it is read. */
export function lintOom(context: AprContext, json: boolean, { report, stderr }: OomInput): number {
  const evidence = {
    // What the report itself says comes last: a captured evidence file may hold other facts.
    ...fileEvidence(report),
    ...reportEvidence(report),
    ...(stderr === undefined ? {} : stderrEvidence(stderr)),
  };
  const verdicts = judgeContract(oomContract, evidence, "captured");
  return showVerdicts(context, json, { subject: oomContract.id, file: report, verdicts });
}

/** A report that is too large is not read, so that every gate but `size` lacks its evidence. */
function reportEvidence(path: string): JsonObject {
  const read = readBounded(path, OOM_REPORT_MAX_SIZE_BYTES);
  if (read.kind === "too-large") return { bytes: read.sizeBytes };
  return { bytes: read.bytes.length, ...oomEvidence(parseJson(decodeUtf8(read.bytes, path))) };
}

function fileEvidence(path: string): JsonObject {
  const uid = callerUid();
  if (path === "-" || uid === null) return {};
  return { file: { ...fileFacts(path) }, caller_uid: uid };
}

/** Programs write what they like to stderr: bytes that are not UTF-8 are replaced, not refused. */
function stderrEvidence(path: string): JsonObject {
  const read = readBounded(path, MAX_STDERR_BYTES);
  if (read.kind === "too-large") {
    throw new AprError("malformed", `${path}: ${read.sizeBytes} bytes are too many for a captured stderr`, {
      hint: "keep its last 64 MiB",
      fields: { path },
    });
  }
  const stderr = read.bytes.toString("utf8");
  const named = breadcrumbPaths(stderr).at(-1);
  return named === undefined ? { stderr } : { stderr, breadcrumb_path: named };
}
