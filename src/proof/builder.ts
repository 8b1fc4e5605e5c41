import { checkCommand, checkCommit, checkEntries, checkText } from "./check.ts";
import { AgentProofError } from "./errors.ts";
import { MAX_COMMANDS, MAX_ENTRIES } from "./limits.ts";
import { recordBundle } from "./record.ts";
import { Redactor } from "../redact/redactor.ts";
import type { CommandRun, TaskFacts } from "./task.ts";
import {
  type AgentTaskProofBundle,
  type ChangedFile,
  type CommitRecord,
  type FileReservationRecord,
  type RemoteExecutionRecord,
  REPLAY_SAFETY_LEVELS,
  type ReplaySafetyLevel,
} from "./types.ts";

const EMPTY: TaskFacts = {
  objective: null,
  commands: [],
  commitBefore: null,
  commitAfter: null,
  changedFiles: [],
  changedFilesComplete: true,
  reservations: [],
  remotes: [],
  notValidated: [],
  safety: "approval-required",
};

/**
 * Collects what was done for a task. Every `with…` returns the builder itself; what is wrong is told by `build`.
 * The same calls give the same bundle, byte for byte.
 */
export class AgentTaskProofBundleBuilder {
  readonly #env: Readonly<Record<string, string | undefined>>;
  #facts: TaskFacts = EMPTY;

  /** The environment that the commands had: values of its secret variables are redacted wherever they stand. */
  constructor(env: Readonly<Record<string, string | undefined>> = {}) {
    this.#env = { ...env };
  }

  withObjective(objective: string): this {
    return this.#with({ objective });
  }

  /** In the order in which they ran. */
  withCommand(run: CommandRun): this {
    return this.#with({ commands: [...this.#facts.commands, run] });
  }

  withCommits(commitBefore: CommitRecord | null, commitAfter: CommitRecord | null): this {
    return this.#with({ commitBefore, commitAfter });
  }

  /** `complete` is false when there were more of them. */
  withChangedFiles(changedFiles: readonly ChangedFile[], complete = true): this {
    return this.#with({ changedFiles: [...changedFiles], changedFilesComplete: complete });
  }

  withFileReservation(reservation: FileReservationRecord): this {
    return this.#with({ reservations: [...this.#facts.reservations, reservation] });
  }

  withRemoteExecution(execution: RemoteExecutionRecord): this {
    return this.#with({ remotes: [...this.#facts.remotes, execution] });
  }

  /** What nobody validated, in plain words. */
  withNotValidated(what: string): this {
    return this.#with({ notValidated: [...this.#facts.notValidated, what] });
  }

  /** `approval-required` unless given. */
  withSafety(safety: ReplaySafetyLevel): this {
    return this.#with({ safety });
  }

  #with(facts: Partial<TaskFacts>): this {
    this.#facts = { ...this.#facts, ...facts };
    return this;
  }

  /** Checks, redacts and records. Throws AgentProofError. */
  build(): AgentTaskProofBundle {
    check(this.#facts);
    return recordBundle(this.#facts, new Redactor(this.#env));
  }
}

function check(facts: TaskFacts): void {
  const { commands, safety } = facts;
  if (commands.length === 0)
    throw new AgentProofError("no-command", "a proof needs a command that ran", "commands");
  if (commands.length > MAX_COMMANDS) {
    throw new AgentProofError(
      "too-large",
      `${commands.length} commands, more than ${MAX_COMMANDS}`,
      "commands",
    );
  }
  if (!REPLAY_SAFETY_LEVELS.includes(safety)) {
    throw new AgentProofError("bad-safety", `no such safety level: ${safety}`, "safety");
  }
  if (facts.objective !== null) checkText(facts.objective, "objective");
  for (const [index, run] of commands.entries()) checkCommand(run, `commands.${index}`);
  checkCommit(facts.commitBefore, "commit_before");
  checkCommit(facts.commitAfter, "commit_after");
  checkEntries(facts.changedFiles, MAX_ENTRIES, "changed_files", ({ path, status }) => [path, status]);
  checkEntries(facts.reservations, MAX_ENTRIES, "file_reservations", ({ path, holder, reason }) => [
    ...[path, holder, reason ?? ""],
  ]);
  checkEntries(facts.remotes, MAX_ENTRIES, "remote_executions", ({ host, argv, job }) => [
    host,
    ...argv,
    job ?? "",
  ]);
  checkEntries(facts.notValidated, MAX_ENTRIES, "not_validated", (text) => [text]);
}
