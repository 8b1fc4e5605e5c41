import { AprError, systemCode } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, parseJson } from "../../base/json.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import { nodeFiles } from "../../world/node/files.ts";

/** A report with more than this holds no sweep. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads what `apr qa sweep --json` wrote. Throws `not-found` or `malformed`. */
export async function readReport(file: string): Promise<SweepReport> {
  const document = await readJson(file);
  if (!looksLikeReport(document)) {
    throw new AprError("malformed", `${file} is no report of a sweep`, {
      hint: "give files that apr qa sweep --json wrote",
    });
  }
  return document as unknown as SweepReport;
}

async function readJson(file: string): Promise<Json> {
  let text: string;
  try {
    text = Buffer.from(await nodeFiles.readBounded(file, MAX_BYTES)).toString("utf8");
  } catch (error) {
    const missing = systemCode(error) === "ENOENT";
    throw new AprError(missing ? "not-found" : "malformed", `cannot read ${file}`, {
      hint: "check its name",
      cause: error,
    });
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new AprError("malformed", `${file} is no JSON`, { hint: "check the file", cause: error });
  }
}

/** Enough of it that merging reads nothing that is not there. */
function looksLikeReport(document: Json): boolean {
  if (!isJsonObject(document) || document["schema_version"] !== 1) return false;
  const { command, counts, baseline, findings, further, inconclusive, packs } = document;
  const { unreached, passed_points: passed, unclear_points: unclear } = document;
  const objects = [counts, baseline, packs].every((each) => each !== undefined && isJsonObject(each));
  if (!objects || counts === undefined || !isJsonObject(counts)) return false;
  const numbers = ["total", "passed", "failed", "inconclusive", "not_reached", "not_tried"];
  return (
    [command, findings, further, inconclusive, unreached, passed, unclear].every(
      (each) => each !== undefined && isJsonArray(each),
    ) &&
    numbers.every((name) => typeof counts[name] === "number") &&
    isJsonArray(findings ?? null) &&
    (findings as readonly Json[]).every(looksLikeFinding)
  );
}

function looksLikeFinding(finding: Json): boolean {
  if (!isJsonObject(finding)) return false;
  const texts = ["id", "class", "severity", "where", "line", "reproduce", "why"];
  const lists = ["faults", "calls", "codes", "members", "verdicts"];
  return (
    texts.every((name) => typeof finding[name] === "string") &&
    lists.every((name) => isJsonArray(finding[name] ?? null)) &&
    [finding["first"], finding["repeats"]].every((each) => each !== undefined && isJsonObject(each))
  );
}
