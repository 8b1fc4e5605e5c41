import { sameInt } from "../base/ints.ts";
import { isJsonObject, type Json } from "../base/json.ts";
import { fail, gatesOf, pass } from "./define.ts";
import { breadcrumbPaths, OOM_REPORT_REQUIRED_KEYS } from "./oom-report.ts";
import { firstBadType } from "./oom-types.ts";
import { isRfc3339 } from "./rfc3339.ts";
import type { Gate } from "./types.ts";

/** Read, write and execute for the group and for others. */
const GROUP_AND_OTHERS = 0o077;

const PROVENANCE_KINDS: readonly Json[] = ["observed", "derived", "unavailable"];

const gate = gatesOf("crux-f-13");
const report = { kind: "any", about: "The out-of-memory report, as parsed." } as const;

const types: Gate = gate({
  name: "APR-F-13-TYPES",
  origin: "strict",
  rule: "Peaks are integers from 0 below 2^53; exit code, counts and operations are exact; time never decreases.",
  fields: { report },
  codes: ["bad-type"],
  after: ["schema"],
  judge: (evidence) => {
    const path = firstBadType(evidence.report);
    return path === null ? pass() : fail("bad-type", { path });
  },
});

const time: Gate = gate({
  name: "APR-F-13-TIME",
  origin: "strict",
  rule: "The timestamp is a real date and time in the form of RFC 3339.",
  fields: { report },
  codes: ["bad-timestamp"],
  after: ["schema"],
  judge: ({ report: document }) => {
    const timestamp = isJsonObject(document) ? document["timestamp"] : undefined;
    return typeof timestamp === "string" && isRfc3339(timestamp) ? pass() : fail("bad-timestamp");
  },
});

const one: Gate = gate({
  name: "APR-F-13-ONE",
  origin: "strict",
  rule: "Stderr has exactly one breadcrumb line.",
  fields: { stderr: { kind: "string", about: "Everything that the program wrote to stderr." } },
  codes: ["breadcrumb-count"],
  judge: (evidence) => {
    const got = breadcrumbPaths(evidence.stderr).length;
    return got === 1 ? pass() : fail("breadcrumb-count", { got });
  },
});

const file: Gate = gate({
  name: "APR-F-13-FILE",
  origin: "strict",
  rule: "The breadcrumb names the file judged: a regular file, the caller's own, closed to group and others.",
  fields: {
    breadcrumb_path: { kind: "string", about: "The path that the breadcrumb names." },
    file: {
      kind: "object",
      about: "The file judged, as lstat sees it.",
      fields: {
        path: { kind: "string", about: "Its absolute path." },
        kind: { kind: "string", about: "`file` for a regular file; anything else is none." },
        uid: { kind: "integer", about: "Its owner's user id." },
        mode: { kind: "integer", about: "Its permission bits." },
      },
    },
    caller_uid: { kind: "integer", about: "The user id of whoever runs the check." },
  },
  codes: ["wrong-file", "unsafe-file"],
  after: ["breadcrumb"],
  judge: ({ breadcrumb_path, file: judged, caller_uid }) => {
    if (breadcrumb_path !== judged.path) return fail("wrong-file");
    const own = sameInt(judged.uid, caller_uid);
    const closed = (Number(judged.mode) & GROUP_AND_OTHERS) === 0;
    return judged.kind === "file" && own && closed ? pass() : fail("unsafe-file");
  },
});

const provenance: Gate = gate({
  name: "APR-F-13-PROVENANCE",
  origin: "strict",
  rule: "`provenance` says for every key whether it was observed, derived or unavailable, and its source.",
  fields: { report },
  codes: ["no-provenance"],
  judge: ({ report: document }) => {
    const all = isJsonObject(document) ? document["provenance"] : undefined;
    const key = OOM_REPORT_REQUIRED_KEYS.find((name) => !isProvenance(isJsonObject(all) ? all[name] : null));
    return key === undefined ? pass() : fail("no-provenance", { key });
  },
});

function isProvenance(entry: Json | undefined): boolean {
  if (!isJsonObject(entry)) return false;
  const { kind, source } = entry;
  return kind !== undefined && PROVENANCE_KINDS.includes(kind) && typeof source === "string" && source !== "";
}

export const oomStrictGates: readonly Gate[] = [types, time, one, file, provenance];
