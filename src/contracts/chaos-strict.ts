import { readU64, sameInt } from "../base/ints.ts";
import { isJsonArray } from "../base/json.ts";
import { memoryBudgetBytes } from "./chaos-limits.ts";
import { messageGate } from "./chaos-message.ts";
import { outputIntactGate } from "./chaos-output.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import type { Gate } from "./types.ts";

/** A reason names at most this many stray paths, so that a report stays readable. */
const MAX_PATHS_SHOWN = 20;

const gate = gatesOf("apr-qa-chaos-v1", "apr qa chaos");
const exitCode = { kind: "integer", about: "Exit code; 128+N for a program that signal N ended." } as const;
const outputEqual = {
  kind: "boolean",
  optional: true,
  nullable: true,
  about: "The output has the baseline's bytes; null when the baseline's differ from run to run.",
} as const;
const checkPassed = {
  kind: "boolean",
  optional: true,
  nullable: true,
  about: "The user's own check accepted the output; null when there is no check.",
} as const;

interface Outcome {
  readonly output_equal: boolean | null | undefined;
  readonly check_passed: boolean | null | undefined;
}

/** Whether the output is good; null when nobody can tell. */
function outputGood({ output_equal: equal, check_passed: check }: Outcome): boolean | null {
  if (equal === true || check === true) return true;
  return equal === false || check === false ? false : null;
}

const fired: Gate = gate({
  name: "APR-CHAOS-FIRED",
  origin: "strict",
  rule: "The fault was seen to fire while the command was working.",
  fields: {
    fired: { kind: "boolean", about: "The fault was seen to fire." },
    proof: { kind: "string", optional: true, about: "What showed it." },
  },
  codes: ["not-fired"],
  judge: (evidence) => (evidence.fired ? pass() : inconclusive("not-fired")),
});

const noSilentLoss: Gate = gate({
  name: "APR-CHAOS-NO-SILENT-LOSS",
  origin: "strict",
  rule: "A run that exits 0 has the baseline's output, or one that the user's own check accepts.",
  fields: { exit_code: exitCode, output_equal: outputEqual, check_passed: checkPassed },
  codes: ["silent-loss", "no-baseline"],
  judge: (evidence) => {
    if (!sameInt(evidence.exit_code, 0)) return pass();
    const good = outputGood(evidence);
    if (good === null) return inconclusive("no-baseline");
    return good ? pass() : fail("silent-loss");
  },
});

const clean: Gate = gate({
  name: "APR-CHAOS-CLEAN",
  origin: "strict",
  rule: "The run ends within its time limit and leaves no process and no stray file.",
  fields: {
    timed_out: { kind: "boolean", about: "The run was still going at its time limit." },
    orphans: { kind: "any", about: "Processes left behind: an array of names, or of process ids." },
    leftovers: { kind: "strings", about: "Paths of stray files, anywhere the command may write." },
  },
  codes: ["hang", "orphan", "leftover"],
  judge: ({ timed_out: timedOut, orphans, leftovers }) => {
    if (!isJsonArray(orphans)) return inconclusive("malformed-evidence", { field: "orphans" });
    if (timedOut) return fail("hang");
    if (orphans.length > 0) return fail("orphan", { got: orphans.length });
    return leftovers.length === 0 ? pass() : fail("leftover", { paths: leftovers.slice(0, MAX_PATHS_SHOWN) });
  },
});

const recovers: Gate = gate({
  name: "APR-CHAOS-RECOVERS",
  origin: "strict",
  rule: "A clean run in the state that the fault left succeeds with the baseline's output, and leaves no unfinished work.",
  fields: {
    recovery: {
      kind: "object",
      nullable: true,
      about: "The clean run after the fault; null when there was none.",
      fields: {
        exit_code: exitCode,
        output_equal: outputEqual,
        check_passed: checkPassed,
        state_left: {
          kind: "strings",
          optional: true,
          about:
            "Files that are still where the command may keep unfinished work, when such a place was named.",
        },
      },
    },
  },
  codes: ["no-recovery", "leftover", "no-baseline", "not-run"],
  judge: ({ recovery }) => {
    if (recovery === null) return inconclusive("not-run");
    const good = sameInt(recovery.exit_code, 0) ? outputGood(recovery) : false;
    if (good === false) return fail("no-recovery", { exit_code: recovery.exit_code });
    const { state_left: left = [] } = recovery;
    if (left.length > 0) return fail("leftover", { paths: left.slice(0, MAX_PATHS_SHOWN) });
    return good === null ? inconclusive("no-baseline") : pass();
  },
});

const force: Gate = gate({
  name: "APR-CHAOS-FORCE",
  origin: "strict",
  rule: "Where a force flag was given, the file is replaced and the exit code is 0.",
  fields: {
    force_flag: { kind: "boolean", about: "The run was told to overwrite." },
    exit_code: exitCode,
    replaced: { kind: "boolean", about: "The output file has new content." },
  },
  codes: ["force-refused"],
  judge: ({ force_flag: forced, replaced, exit_code: code }) =>
    !forced || (replaced && sameInt(code, 0)) ? pass() : fail("force-refused"),
});

const treeBudget: Gate = gate({
  name: "APR-CHAOS-TREE-BUDGET",
  origin: "strict",
  rule: "Peak memory of the whole process tree is below 3 times the model's size plus 512 MiB.",
  fields: {
    peak_tree_bytes: { kind: "u64", about: "Sampled peak of the process tree, sum of PSS, bytes." },
    model_size_bytes: { kind: "u64", about: "Size of the model, bytes." },
  },
  codes: ["over-budget"],
  judge: (evidence) => {
    const budget = memoryBudgetBytes(evidence.model_size_bytes);
    return readU64(evidence.peak_tree_bytes) < budget
      ? pass()
      : fail("over-budget", { budget_bytes: budget });
  },
});

export const chaosStrictGates: readonly Gate[] = [
  fired,
  noSilentLoss,
  outputIntactGate,
  messageGate,
  clean,
  recovers,
  force,
  treeBudget,
];
