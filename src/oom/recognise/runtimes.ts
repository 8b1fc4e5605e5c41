import { bytesOf, known } from "./sizes.ts";
import type { Rule, Told } from "./types.ts";

// Runtimes with a heap of their own: V8, Java's, Go's.

const MARK_COMPACT = /-> (\d[\d.]{0,12}) \((\d[\d.]{0,12})\) MB/g;

/** V8 tells before its end what the last collections left: used, and in brackets what it had from the system. */
function heapBefore(before: string): Told {
  const last = [...before.matchAll(MARK_COMPACT)].at(-1);
  return known<Told>({ usedBytes: bytesOf(last?.[1], "MiB"), totalBytes: bytesOf(last?.[2], "MiB") });
}

export const runtimeRules: readonly Rule[] = [
  {
    tool: "node-ineffective",
    killer: "runtime",
    pattern:
      /^(?:[^\n]{0,60} )?FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory/gm,
    read: (_, before) => heapBefore(before),
  },
  {
    tool: "node",
    killer: "runtime",
    pattern:
      /^(?:[^\n]{0,60} )?FATAL ERROR: (?!Ineffective)[^\n]{0,120}(?:Allocation failed - (?:JavaScript heap|process) out of memory|process out of memory)/gm,
    read: (_, before) => heapBefore(before),
  },
  {
    tool: "node-buffer",
    killer: "allocator",
    pattern: /^(?:Uncaught )?RangeError: Array buffer allocation failed/gm,
  },
  {
    tool: "java",
    killer: "runtime",
    pattern: /\bjava\.lang\.OutOfMemoryError: [^\n]{1,120}/gm,
  },
  {
    tool: "go",
    killer: "runtime",
    pattern:
      /^(?:runtime: out of memory: cannot allocate (\d{1,20})-byte block \((\d{1,20}) in use\)\r?\n)?fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)/gm,
    read: ([, asked, used]) =>
      known<Told>({ requestedBytes: bytesOf(asked, "B"), usedBytes: bytesOf(used, "B") }),
  },
];
