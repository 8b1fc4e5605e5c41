import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OOM_REPORT_REQUIRED_KEYS } from "../../src/index.ts";
import { tempDir } from "./temp.ts";

const entry = { kind: "observed", source: "/proc" };
/** An out-of-memory report that every gate accepts. */
export const report = {
  peak_allocated_bytes: 2_000_000,
  peak_reserved_bytes: 3_000_000,
  largest_alloc_stack: ["main", "malloc"],
  tensor_histogram: { "<64KiB": 12 },
  last_100_ops: [{ op: "matmul", bytes: 4096, ts_ns: 1 }],
  exit_code: 137,
  timestamp: "2026-04-21T18:30:00Z",
  provenance: Object.fromEntries(OOM_REPORT_REQUIRED_KEYS.map((key) => [key, entry])),
};

export interface VerdictLine {
  readonly gate: string;
  readonly verdict: string;
  readonly reason: { readonly code: string; readonly [field: string]: unknown } | null;
}

export interface LintDocument {
  readonly verdict: string;
  readonly exit_code: number;
  readonly verdicts: readonly VerdictLine[];
}

/** A file in a folder of its own, removed after the test. */
export function fileWith(content: string | Buffer, name = "evidence.json"): string {
  const path = join(tempDir(), name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** Gate names by verdict, as `apr lint … --json` tells them. */
export function byVerdict({ verdicts }: LintDocument, word: string): string[] {
  return verdicts.filter(({ verdict }) => verdict === word).map(({ gate }) => gate.split("/")[1] ?? "");
}
