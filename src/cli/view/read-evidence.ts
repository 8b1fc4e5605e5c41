import { AprError } from "../../base/errors.ts";
import { isJsonArray, type Json, type JsonObject, parseJson } from "../../base/json.ts";
import { isObject } from "../../reports/html/read-json.ts";
import { nodeFiles } from "../../world/node/files.ts";

/** A trace of a million events has some 200 MiB. */
const MAX_EVIDENCE_BYTES = 400 * 1024 * 1024;

/** Reads one file of JSON: an object, or a list of events. Throws AprError `malformed` for anything else. */
export async function readEvidence(path: string): Promise<JsonObject | readonly Json[]> {
  const size = (await nodeFiles.facts(path))?.sizeBytes ?? 0;
  if (size > MAX_EVIDENCE_BYTES) {
    throw new AprError("malformed", `${path} has ${size} bytes: more than any evidence of apr`, {
      hint: `at most ${MAX_EVIDENCE_BYTES} bytes are read`,
      fields: { path },
    });
  }
  const bytes = await nodeFiles.readBounded(path, MAX_EVIDENCE_BYTES);
  const found = parseJson(Buffer.from(bytes).toString("utf8"));
  if (isObject(found) || isJsonArray(found)) return found;
  throw new AprError("malformed", `${path} is no report`, { fields: { path } });
}
