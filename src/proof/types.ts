/** The version of a bundle's files. */
export const AGENT_PROOF_SCHEMA_VERSION = 1;

/** Who may run a task again, from anybody to only somebody who was asked. */
export const REPLAY_SAFETY_LEVELS = [
  "safe",
  "remote-required",
  "environment-dependent",
  "approval-required",
] as const;
export type ReplaySafetyLevel = (typeof REPLAY_SAFETY_LEVELS)[number];

/** One output of a command, redacted: its beginning and its end. */
export interface OutputRecord {
  readonly text: string;
  /** All that the command wrote, bytes. */
  readonly total_bytes: number;
  /** True when the middle is not in `text`. */
  readonly cut: boolean;
}

/** One command that was run. */
export interface CommandRecord {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** 128+N when signal N ended it. */
  readonly exit_code: number;
  /** Name of that signal, such as `SIGTERM`. */
  readonly signal: string | null;
  readonly duration_ms: number;
  readonly stdout: OutputRecord;
  readonly stderr: OutputRecord;
  /** True when a secret stood in its words: then it cannot be run again as it stands here. */
  readonly redacted: boolean;
}

/** The state of a git work tree. */
export interface CommitRecord {
  /** Full hash; null before the first commit. */
  readonly commit: string | null;
  /** Null on a detached head. */
  readonly branch: string | null;
  /** Whether anything differs from the commit; files that git ignores do not count. */
  readonly dirty: boolean;
  readonly dirty_files: readonly ChangedFile[];
  /** False when there were more files than a bundle holds. */
  readonly complete: boolean;
}

export interface ChangedFile {
  readonly path: string;
  /** Git's two letters, such as ` M` or `??`; of a comparison of commits one. */
  readonly status: string;
}

/** What a command failed with, so that work stopped there. */
export interface BlockerRecord {
  /** Counts from 0. */
  readonly command_index: number;
  readonly argv: readonly string[];
  readonly exit_code: number;
  readonly signal: string | null;
  /** The end of its stderr, or of its stdout when that is empty. */
  readonly last_lines: readonly string[];
}

/** Files that were kept for one worker while the task ran. */
export interface FileReservationRecord {
  readonly path: string;
  readonly holder: string;
  readonly exclusive: boolean;
  readonly reason: string | null;
}

/** Work that another machine did for the task. */
export interface RemoteExecutionRecord {
  readonly host: string;
  readonly argv: readonly string[];
  /** Null when it is not known how it ended. */
  readonly exit_code: number | null;
  /** The other side's name for the run. */
  readonly job: string | null;
}

/** How far the validation came. */
export interface ValidationFrontierRecord {
  /** Commands from the first on that passed, before one failed. */
  readonly passed: number;
  /** The first that failed. */
  readonly first_failure: number | null;
  /** What nobody looked at, in the task's own words. */
  readonly not_validated: readonly string[];
}

/** How the task is done again. */
export interface ReplayInstructions {
  readonly safety: ReplaySafetyLevel;
  /** Whether `replay.sh` runs the commands or only prints them. */
  readonly runs: boolean;
  /** Why it only prints; null when it runs them. */
  readonly reason: string | null;
}

/** What an agent, or a person, did for a task. Every text in it is redacted. Keys are in the order of the files. */
export interface AgentTaskProofBundle {
  readonly schema_version: typeof AGENT_PROOF_SCHEMA_VERSION;
  readonly objective: string | null;
  readonly commands: readonly CommandRecord[];
  readonly commit_before: CommitRecord | null;
  readonly commit_after: CommitRecord | null;
  /** What differs from the commit before, as files of the work tree. */
  readonly changed_files: readonly ChangedFile[];
  readonly changed_files_complete: boolean;
  readonly file_reservations: readonly FileReservationRecord[];
  readonly remote_executions: readonly RemoteExecutionRecord[];
  readonly validation_frontier: ValidationFrontierRecord;
  readonly first_blocker: BlockerRecord | null;
  readonly replay: ReplayInstructions;
}
