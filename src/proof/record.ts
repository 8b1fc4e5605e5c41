import type { CommandRun, TaskFacts } from "./task.ts";
import { BLOCKER_LINES } from "./limits.ts";
import { learnParts, outputRecord, type Parts, partsOf } from "./output.ts";
import type { Redactor } from "../redact/redactor.ts";
import {
  AGENT_PROOF_SCHEMA_VERSION,
  type AgentTaskProofBundle,
  type BlockerRecord,
  type ChangedFile,
  type CommandRecord,
  type CommitRecord,
  type ReplayInstructions,
  type ReplaySafetyLevel,
} from "./types.ts";

interface Taken {
  readonly run: CommandRun;
  readonly stdout: Parts;
  readonly stderr: Parts;
}

/** Makes the bundle of what a builder was told. All texts are learned from before the first of them is redacted. */
export function recordBundle(facts: TaskFacts, redactor: Redactor): AgentTaskProofBundle {
  const taken = facts.commands.map((run) => ({
    run,
    stdout: partsOf(run.stdout),
    stderr: partsOf(run.stderr),
  }));
  learnAll(facts, taken, redactor);
  const plain = (text: string): string => redactor.redact(text);
  const orNull = (text: string | null): string | null => (text === null ? null : plain(text));
  const files = (list: readonly ChangedFile[]): ChangedFile[] =>
    list.map(({ path, status }) => ({ path: plain(path), status: plain(status) }));
  const commit = (record: CommitRecord | null): CommitRecord | null =>
    record === null
      ? null
      : {
          commit: record.commit,
          branch: orNull(record.branch),
          dirty: record.dirty,
          dirty_files: files(record.dirty_files),
          complete: record.complete,
        };
  const commands = taken.map((each) => commandRecord(each, redactor));
  const blocker = firstBlocker(commands);
  const failure = blocker?.command_index ?? null;
  return {
    schema_version: AGENT_PROOF_SCHEMA_VERSION,
    objective: orNull(facts.objective),
    commands,
    commit_before: commit(facts.commitBefore),
    commit_after: commit(facts.commitAfter),
    changed_files: files(facts.changedFiles),
    changed_files_complete: facts.changedFilesComplete,
    file_reservations: facts.reservations.map(({ path, holder, exclusive, reason }) => ({
      path: plain(path),
      holder: plain(holder),
      exclusive,
      reason: orNull(reason),
    })),
    remote_executions: facts.remotes.map(({ host, argv, exit_code, job }) => ({
      host: plain(host),
      argv: redactor.redactWords(argv),
      exit_code,
      job: orNull(job),
    })),
    validation_frontier: {
      passed: failure ?? commands.length,
      first_failure: failure,
      not_validated: facts.notValidated.map(plain),
    },
    first_blocker: blocker,
    replay: replayOf(facts.safety, commands),
  };
}

function learnAll(facts: TaskFacts, taken: readonly Taken[], redactor: Redactor): void {
  for (const { run, stdout, stderr } of taken) {
    redactor.learnWords(run.argv);
    redactor.learn(run.cwd);
    learnParts(redactor, stdout);
    learnParts(redactor, stderr);
  }
  for (const { argv } of facts.remotes) redactor.learnWords(argv);
  const texts = [
    facts.objective,
    ...[facts.commitBefore, facts.commitAfter].flatMap((commit) =>
      commit === null ? [] : [commit.branch, ...commit.dirty_files.map(({ path }) => path)],
    ),
    ...facts.changedFiles.map(({ path }) => path),
    ...facts.reservations.flatMap(({ path, holder, reason }) => [path, holder, reason]),
    ...facts.remotes.flatMap(({ host, job }) => [host, job]),
    ...facts.notValidated,
  ];
  for (const text of texts) if (text !== null) redactor.learn(text);
}

function commandRecord({ run, stdout, stderr }: Taken, redactor: Redactor): CommandRecord {
  const argv = redactor.redactWords(run.argv);
  const cwd = redactor.redact(run.cwd);
  return {
    argv,
    cwd,
    exit_code: run.exitCode,
    signal: run.signal,
    duration_ms: Math.round(run.durationMs),
    stdout: outputRecord(redactor, stdout, run.stdout),
    stderr: outputRecord(redactor, stderr, run.stderr),
    redacted: cwd !== run.cwd || argv.some((word, index) => word !== run.argv[index]),
  };
}

function firstBlocker(commands: readonly CommandRecord[]): BlockerRecord | null {
  const index = commands.findIndex(({ exit_code }) => exit_code !== 0);
  const command = commands[index];
  if (command === undefined) return null;
  const { argv, exit_code, signal, stdout, stderr } = command;
  const text = stderr.text.trim() === "" ? stdout.text : stderr.text;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return { command_index: index, argv, exit_code, signal, last_lines: lines.slice(-BLOCKER_LINES) };
}

const WHY: Readonly<Record<Exclude<ReplaySafetyLevel, "safe">, string>> = {
  "remote-required": "it needs another machine that this script cannot reach for you",
  "environment-dependent": "it depends on the environment in which it ran",
  "approval-required": "nobody has said that it is safe to run again",
};

function replayOf(safety: ReplaySafetyLevel, commands: readonly CommandRecord[]): ReplayInstructions {
  if (safety !== "safe") return { safety, runs: false, reason: WHY[safety] };
  if (commands.some(({ redacted }) => redacted)) {
    return { safety, runs: false, reason: "a secret was taken out of it" };
  }
  // A shell's exec would take it for a flag.
  if (commands.some(({ argv }) => argv[0]?.startsWith("-") === true)) {
    return { safety, runs: false, reason: "the name of a program begins with a dash" };
  }
  return { safety, runs: true, reason: null };
}
