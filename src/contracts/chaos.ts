import { readU64, sameInt } from "../base/ints.ts";
import { chaosStrictGates } from "./chaos-strict.ts";
import {
  AC_CHAOS_DISK_KEYWORDS,
  AC_CHAOS_OOM_KEYWORDS,
  AC_CHAOS_SIGINT_EXIT_CODE,
  AC_CHAOS_SIGINT_MAX_RESPONSE_MS,
  AC_CHAOS_SIGSEGV_EXIT_CODE,
  memoryBudgetBytes,
} from "./chaos-limits.ts";
import { fail, gatesOf, pass } from "./define.ts";
import type { Contract, Gate } from "./types.ts";

const gate = gatesOf("apr-qa-chaos-v1", "apr qa chaos");
const exitCode = { kind: "integer", about: "Exit code; 128+N for a program that signal N ended." } as const;
const stderr = { kind: "string", about: "Everything that the program wrote to stderr." } as const;

export const memoryBudgetGate: Gate = gate({
  name: "F-CHAOS-001",
  origin: "seed",
  rule: "Peak memory is below 3 times the model's size plus 512 MiB.",
  fields: {
    peak_rss_bytes: { kind: "u64", about: "Peak resident memory of the largest process, bytes." },
    model_size_bytes: { kind: "u64", about: "Size of the model, bytes." },
  },
  codes: ["over-budget"],
  judge: (evidence) => {
    const budget = memoryBudgetBytes(evidence.model_size_bytes);
    return readU64(evidence.peak_rss_bytes) < budget ? pass() : fail("over-budget", { budget_bytes: budget });
  },
});

export const gracefulOomGate: Gate = gate({
  name: "F-CHAOS-002",
  origin: "seed",
  rule: "Out of memory: the program exits neither 0 nor 139, and its stderr speaks of memory.",
  fields: { exit_code: exitCode, stderr },
  codes: ["segfault", "silent-success", "no-oom-word"],
  judge: (evidence) => {
    if (sameInt(evidence.exit_code, AC_CHAOS_SIGSEGV_EXIT_CODE)) return fail("segfault");
    if (sameInt(evidence.exit_code, 0)) return fail("silent-success");
    return mentions(evidence.stderr, AC_CHAOS_OOM_KEYWORDS) ? pass() : fail("no-oom-word");
  },
});

export const signalHandlingGate: Gate = gate({
  name: "F-CHAOS-003",
  origin: "seed",
  rule: "Interrupted: the program exits 130 within 2 seconds and leaves no corrupt cache.",
  fields: {
    exit_code: exitCode,
    response_time_ms: { kind: "u64", about: "Time from the signal to the program's end, milliseconds." },
    cache_corrupt: { kind: "boolean", about: "What the program had cached no longer reads." },
  },
  codes: ["wrong-exit-code", "slow-response", "corrupt-cache"],
  judge: (evidence) => {
    if (!sameInt(evidence.exit_code, AC_CHAOS_SIGINT_EXIT_CODE)) return fail("wrong-exit-code");
    if (readU64(evidence.response_time_ms) >= AC_CHAOS_SIGINT_MAX_RESPONSE_MS) return fail("slow-response");
    return evidence.cache_corrupt ? fail("corrupt-cache") : pass();
  },
});

export const overwriteProtectionGate: Gate = gate({
  name: "F-CHAOS-004",
  origin: "seed",
  rule: "An output file that exists is not overwritten by a run that exits 0 without a force flag.",
  fields: {
    output_file_existed: { kind: "boolean", about: "The output file was there before the run." },
    force_flag: { kind: "boolean", about: "The run was told to overwrite." },
    exit_code: exitCode,
  },
  codes: ["silent-overwrite"],
  judge: (evidence) =>
    evidence.output_file_existed && !evidence.force_flag && sameInt(evidence.exit_code, 0)
      ? fail("silent-overwrite")
      : pass(),
});

export const diskExhaustionGate: Gate = gate({
  name: "F-CHAOS-005",
  origin: "seed",
  rule: "Disk full: the program does not exit 0, and its stderr speaks of the disk.",
  fields: { exit_code: exitCode, stderr },
  codes: ["silent-success", "no-disk-word"],
  judge: (evidence) => {
    if (sameInt(evidence.exit_code, 0)) return fail("silent-success");
    return mentions(evidence.stderr, AC_CHAOS_DISK_KEYWORDS) ? pass() : fail("no-disk-word");
  },
});

function mentions(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => lower.includes(word));
}

export const chaosContract: Contract = {
  id: "apr-qa-chaos-v1",
  version: "1",
  title: "Resource faults",
  gates: [
    memoryBudgetGate,
    gracefulOomGate,
    signalHandlingGate,
    overwriteProtectionGate,
    diskExhaustionGate,
    ...chaosStrictGates,
  ],
};
