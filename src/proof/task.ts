import type { Captured } from "../world/processes.ts";
import type {
  ChangedFile,
  CommitRecord,
  FileReservationRecord,
  RemoteExecutionRecord,
  ReplaySafetyLevel,
} from "./types.ts";

/** A command as it ran, with its output as it was: the builder redacts. */
export interface CommandRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** 128+N when signal N ended it. */
  readonly exitCode: number;
  readonly signal: string | null;
  /** From a Clock; the builder has none. */
  readonly durationMs: number;
  /** Captured with `CAPTURE_BYTES`. */
  readonly stdout: Captured;
  readonly stderr: Captured;
}

/** All that a builder was told, not yet redacted. */
export interface TaskFacts {
  readonly objective: string | null;
  readonly commands: readonly CommandRun[];
  readonly commitBefore: CommitRecord | null;
  readonly commitAfter: CommitRecord | null;
  readonly changedFiles: readonly ChangedFile[];
  readonly changedFilesComplete: boolean;
  readonly reservations: readonly FileReservationRecord[];
  readonly remotes: readonly RemoteExecutionRecord[];
  readonly notValidated: readonly string[];
  readonly safety: ReplaySafetyLevel;
}
