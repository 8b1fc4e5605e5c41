import type { GpuRecord } from "../../observe/gpu-usage.ts";
import type { TreeRecord } from "../../observe/tree-watch.ts";
import type { StderrWatch } from "../../oom/stderr-watch.ts";
import type { SupervisedEnd } from "../../world/supervise.ts";
import type { GuardOutcome } from "../../oom/guard.ts";
import type { GpuProof } from "./gpu-proof.ts";
import type { RunFolder } from "./run-folder.ts";

/** A program that has run to its end, and all that was seen of it. */
export interface Ran {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly end: SupervisedEnd;
  /** 128+N for signal N. */
  readonly exitCode: number;
  readonly startedWallMs: number;
  readonly durationMs: number;
  /** Since the machine's start, when the program was started; null where it cannot be told. */
  readonly startedUptimeMs: number | null;
  readonly record: TreeRecord;
  /** Null where there is no GPU to ask about. */
  readonly gpu: GpuRecord | null;
  /** Null with `--no-stderr`. */
  readonly stderr: StderrWatch | null;
  readonly folder: RunFolder | null;
  readonly guard: GuardOutcome | null;
  /** Null without `--require-gpu`. */
  readonly gpuProof: GpuProof | null;
  readonly signalsPassed: readonly string[];
  readonly notes: readonly string[];
}
