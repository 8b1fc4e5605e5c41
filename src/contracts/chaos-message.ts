import type { Int } from "../base/ints.ts";
import { sameInt } from "../base/ints.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import type { Gate } from "./types.ts";

/** What the shell and the loader answer when a program cannot be started. */
const LOADER_ERROR = 127;

/** A shell reports a program that signal N ended as exit code 128+N. */
const SIGNAL_BASE = 128;

const SIGTRAP = 5;
const SIGABRT = 6;

/** Signals that end a program which did not mean to end: ILL, TRAP, ABRT, BUS, FPE, KILL, SEGV. */
const CRASH_SIGNALS: readonly number[] = [4, SIGTRAP, SIGABRT, 7, 8, 9, 11];

/** How runtimes say, before they abort, that memory ran out: V8, Rust, C++. */
const RUNTIME_OUT_OF_MEMORY = [
  /\b(?:heap|process|JavaScript) (?:out of memory|OOM)\b/,
  /\bmemory allocation of [0-9]+ bytes failed\b/,
  /\bbad_alloc\b/,
];

/** `oom` counts only between non-letters: `no room` is not about memory. */
const ABOUT_MEMORY = /memory|allocation|bad_alloc|(?<!\p{L})oom(?!\p{L})/iu;

export const messageGate: Gate = gatesOf(
  "apr-qa-chaos-v1",
  "apr qa chaos",
)({
  name: "APR-CHAOS-MESSAGE",
  origin: "strict",
  rule: "After an injected error the program says what happened and is not ended by a signal.",
  fields: {
    injected: { kind: "boolean", about: "An error was injected; false after a signal that apr sent." },
    fault: { kind: "string", about: "`memory`, `disk`, or another word." },
    exit_code: { kind: "integer", about: "Exit code; 128+N for a program that signal N ended." },
    signal: {
      kind: "integer",
      optional: true,
      nullable: true,
      about: "The signal that ended the program; null when none did.",
    },
    stderr: { kind: "string", about: "Everything that the program wrote to stderr." },
  },
  codes: ["no-message", "crash", "loader-error"],
  judge: ({ injected, fault, exit_code: exitCode, signal, stderr }) => {
    // An error that the program absorbed asks for no message; what it lost is judged elsewhere.
    if (!injected || sameInt(exitCode, 0)) return pass();
    if (sameInt(exitCode, LOADER_ERROR)) return inconclusive("loader-error");
    const endedBy = signal ?? crashSignal(exitCode);
    if (endedBy !== null) {
      return isRuntimeAbort(endedBy, stderr)
        ? pass({ note: { code: "runtime-abort" } })
        : fail("crash", { signal: endedBy });
    }
    if (stderr.trim() === "") return fail("no-message");
    if (fault === "memory" && !ABOUT_MEMORY.test(stderr)) return fail("no-message", { wants: "memory" });
    return pass();
  },
});

function crashSignal(exitCode: Int): number | null {
  const signal = Number(exitCode) - SIGNAL_BASE;
  return CRASH_SIGNALS.includes(signal) ? signal : null;
}

function isRuntimeAbort(signal: Int, stderr: string): boolean {
  const aborted = sameInt(signal, SIGABRT) || sameInt(signal, SIGTRAP);
  return aborted && RUNTIME_OUT_OF_MEMORY.some((text) => text.test(stderr));
}
