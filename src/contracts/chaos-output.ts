import { isIntegerValue, sameInt } from "../base/ints.ts";
import type { Json } from "../base/json.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import type { Gate, Judgement } from "./types.ts";

/** What makes an output the same one as before. */
const IDENTITY = ["kind", "size_bytes", "sha256", "inode", "mode"] as const;

const state = {
  kind: { kind: "string", about: "`absent`, `file`, `folder` or `other`." },
  sha256: { kind: "string", optional: true, nullable: true, about: "Digest of its bytes; a file needs one." },
  size_bytes: { kind: "u64", optional: true, nullable: true, about: "Its size, bytes." },
  inode: { kind: "u64", optional: true, nullable: true, about: "Its inode number." },
  mode: { kind: "u64", optional: true, nullable: true, about: "Its permission bits." },
} as const;

export const outputIntactGate: Gate = gatesOf(
  "apr-qa-chaos-v1",
  "apr qa chaos",
)({
  name: "APR-CHAOS-OUTPUT-INTACT",
  origin: "strict",
  rule: "A run that fails leaves the output path as it was: absent, or the same bytes, inode and mode.",
  fields: {
    exit_code: { kind: "integer", about: "Exit code; 128+N for a program that signal N ended." },
    must_keep: {
      kind: "boolean",
      optional: true,
      about: "An existing output must be kept whatever the exit code: no force flag was given.",
    },
    before: { kind: "object", about: "The output path before the run.", fields: state },
    after: { kind: "object", about: "The output path after the run.", fields: state },
    killed: { kind: "boolean", optional: true, about: "The run was ended by a SIGKILL that was sent to it." },
  },
  codes: ["partial-output", "clobbered", "judged-after-recovery"],
  judge: (evidence) => {
    // No program can tidy up after a SIGKILL; what it left is judged by the run that recovers.
    if (evidence.killed === true) return inconclusive("judged-after-recovery");
    const existed = evidence.before.kind !== "absent";
    const kept = existed && evidence.must_keep === true;
    if (sameInt(evidence.exit_code, 0) && !kept) return pass();
    return existed ? judgeKept(evidence.before, evidence.after) : judgeAbsent(evidence.after);
  },
});

function judgeAbsent(after: OutputState): Judgement {
  if (after.kind === "absent") return pass();
  const { size_bytes: size } = after;
  return size === undefined || size === null
    ? fail("partial-output")
    : fail("partial-output", { size_bytes: size });
}

function judgeKept(before: OutputState, after: OutputState): Judgement {
  const changed = IDENTITY.filter((key) => !same(before[key], after[key]));
  if (changed.length > 0) return fail("clobbered", undefined, { changed });
  if (before.kind !== "file" || typeof before.sha256 === "string") return pass();
  return inconclusive("missing-evidence", { field: "before.sha256" });
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  if (isIntegerValue(left) && isIntegerValue(right)) return sameInt(left, right);
  return (left ?? null) === (right ?? null);
}

type OutputState = Readonly<Record<(typeof IDENTITY)[number], Json | undefined>>;
