import { isIntegerValue, readU64, sameInt } from "../base/ints.ts";
import { isJsonArray, isJsonNumberValue, isJsonObject, type Json } from "../base/json.ts";
import { keysOf } from "../base/json-keys.ts";
import { fail, gatesOf, pass } from "./define.ts";
import {
  breadcrumbPaths,
  OOM_REPORT_MAX_OPS,
  OOM_REPORT_MAX_SIZE_BYTES,
  OOM_REPORT_REQUIRED_KEYS,
} from "./oom-report.ts";
import { oomStrictGates } from "./oom-strict.ts";
import type { Contract, Evidence, Gate, Judgement } from "./types.ts";

const PEAK_KEYS = ["peak_allocated_bytes", "peak_reserved_bytes"] as const;

const BREADCRUMB_PATH = /^\/tmp\/apr-oom-[0-9]+\.json$/;

const gate = gatesOf("crux-f-13");
const report = { kind: "any", about: "The out-of-memory report, as parsed." } as const;
const stderr = { kind: "string", about: "Everything that the program wrote to stderr." } as const;

export const schemaGate: Gate = gate({
  name: "schema",
  origin: "seed",
  rule: "The report is an object with all seven keys, each of its type.",
  fields: { report },
  codes: [
    "not-an-object",
    "missing-required-key",
    "peak-bytes-not-number",
    "stack-not-string-array",
    "histogram-not-object",
    "ops-not-array",
    "exit-code-not-number",
    "timestamp-not-string",
  ],
  judge: (evidence) => judgeSchema(evidence.report),
});

function judgeSchema(document: Json): Judgement {
  if (!isJsonObject(document)) return fail("not-an-object");
  const missing = OOM_REPORT_REQUIRED_KEYS.find((key) => !Object.hasOwn(document, key));
  if (missing !== undefined) return fail("missing-required-key", { key: missing });
  const peak = PEAK_KEYS.find((key) => !isJsonNumberValue(document[key]));
  if (peak !== undefined) return fail("peak-bytes-not-number", { key: peak });
  const stack = document["largest_alloc_stack"];
  if (!isJsonArray(stack) || stack.some((frame) => typeof frame !== "string")) {
    return fail("stack-not-string-array");
  }
  if (!isJsonObject(document["tensor_histogram"])) return fail("histogram-not-object");
  if (!isJsonArray(document["last_100_ops"])) return fail("ops-not-array");
  if (!isJsonNumberValue(document["exit_code"])) return fail("exit-code-not-number");
  if (typeof document["timestamp"] !== "string") return fail("timestamp-not-string");
  return pass();
}

export const invariantsGate: Gate = gate({
  name: "invariants",
  origin: "seed",
  rule: "Reserved covers allocated, at most 100 operations, histogram and stack not empty, exit code not 0.",
  fields: { report },
  codes: [
    "reserved-less-than-allocated",
    "too-many-ops",
    "empty-histogram",
    "empty-stack",
    "silent-exit-code",
  ],
  after: ["schema"],
  judge: (evidence) => judgeInvariants(evidence.report),
});

/** Total over any report: what has the wrong type is left to `schema`. */
function judgeInvariants(document: Json): Judgement {
  const read = (key: string): Json | undefined => (isJsonObject(document) ? document[key] : undefined);
  const allocated = readU64(read("peak_allocated_bytes"));
  const reserved = readU64(read("peak_reserved_bytes"));
  if (reserved < allocated) return fail("reserved-less-than-allocated", { reserved, allocated });
  const ops = read("last_100_ops");
  if (isJsonArray(ops) && ops.length > OOM_REPORT_MAX_OPS) return fail("too-many-ops", { got: ops.length });
  const histogram = read("tensor_histogram");
  if (isJsonObject(histogram) && keysOf(histogram).length === 0) return fail("empty-histogram");
  const stack = read("largest_alloc_stack");
  if (isJsonArray(stack) && stack.length === 0) return fail("empty-stack");
  const exitCode = read("exit_code");
  if (isIntegerValue(exitCode) && sameInt(exitCode, 0)) return fail("silent-exit-code");
  return pass();
}

export const sizeGate: Gate = gate({
  name: "size",
  origin: "seed",
  rule: "The report file is smaller than 10 MiB.",
  fields: { bytes: { kind: "u64", about: "Size of the report file, bytes." } },
  codes: ["too-large"],
  judge: (evidence) => {
    const bytes = readU64(evidence.bytes);
    return bytes < OOM_REPORT_MAX_SIZE_BYTES
      ? pass()
      : fail("too-large", { bytes, cap_bytes: OOM_REPORT_MAX_SIZE_BYTES });
  },
});

export const breadcrumbGate: Gate = gate({
  name: "breadcrumb",
  origin: "seed",
  rule: "The last line of stderr that begins with `OOM_REPORT path=` names /tmp/apr-oom-<digits>.json.",
  fields: { stderr },
  codes: ["not-found", "malformed-path"],
  judge: (evidence) => {
    const path = breadcrumbPaths(evidence.stderr).at(-1);
    if (path === undefined) return fail("not-found");
    return BREADCRUMB_PATH.test(path) ? pass({ path }) : fail("malformed-path", { got: path });
  },
});

export const oomContract: Contract = {
  id: "crux-f-13",
  version: "1",
  title: "Out-of-memory postmortem",
  gates: [sizeGate, schemaGate, invariantsGate, breadcrumbGate, ...oomStrictGates],
  evidenceOf: oomEvidence,
};

/** A captured document is the report itself unless it has a `report` key, or only other evidence fields. */
export function oomEvidence(document: Json): Evidence {
  if (!isJsonObject(document)) return { report: document };
  const has = (key: string): boolean => Object.hasOwn(document, key);
  const isReport = OOM_REPORT_REQUIRED_KEYS.some(has);
  const isEvidence =
    has("report") || (!isReport && oomContract.gates.some(({ fields }) => Object.keys(fields).some(has)));
  return isEvidence ? document : { report: document };
}
