import type { CommandRun } from "./task.ts";
import { AgentProofError } from "./errors.ts";
import { MAX_COMMAND_CHARS, MAX_ENTRIES, MAX_TEXT_CHARS } from "./limits.ts";
import type { CommitRecord } from "./types.ts";

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A text that a bundle can hold. Throws AgentProofError `bad-text` and `too-large`. */
export function checkText(text: string, field: string): void {
  if (text.length > MAX_TEXT_CHARS) {
    throw new AgentProofError("too-large", `${field} is longer than ${MAX_TEXT_CHARS} characters`, field);
  }
  if (text.includes("\0")) throw new AgentProofError("bad-text", `${field} holds a NUL`, field);
}

export function checkCommand(run: CommandRun, field: string): void {
  const { argv, cwd, exitCode, durationMs } = run;
  if ((argv[0] ?? "") === "") {
    throw new AgentProofError("bad-command", `${field} has no program`, `${field}.argv`);
  }
  for (const word of argv) checkText(word, `${field}.argv`);
  if (argv.reduce((sum, word) => sum + word.length, 0) > MAX_COMMAND_CHARS) {
    throw new AgentProofError("too-large", `${field} is longer than any system takes`, `${field}.argv`);
  }
  checkText(cwd, `${field}.cwd`);
  if (!cwd.startsWith("/")) {
    throw new AgentProofError("bad-command", `${field} has no absolute working directory`, `${field}.cwd`);
  }
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255) {
    throw new AgentProofError("bad-number", `${field} has no exit status: ${exitCode}`, `${field}.exit_code`);
  }
  if (!Number.isFinite(durationMs) || durationMs < 0) {
    throw new AgentProofError(
      "bad-number",
      `${field} has no duration: ${durationMs}`,
      `${field}.duration_ms`,
    );
  }
  if (run.signal !== null && !/^SIG[A-Z0-9+]{1,16}$/.test(run.signal)) {
    throw new AgentProofError("bad-text", `${field} has no signal's name`, `${field}.signal`);
  }
}

export function checkCommit(commit: CommitRecord | null, field: string): void {
  if (commit === null) return;
  if (commit.commit !== null && !COMMIT.test(commit.commit)) {
    throw new AgentProofError("bad-commit", `${field} is no full hash of a commit`, field);
  }
  if (commit.branch !== null) checkText(commit.branch, `${field}.branch`);
  checkEntries(commit.dirty_files, MAX_ENTRIES, `${field}.dirty_files`, ({ path, status }) => [path, status]);
}

export function checkEntries<T>(
  entries: readonly T[],
  max: number,
  field: string,
  texts: (entry: T) => readonly string[],
): void {
  if (entries.length > max) {
    throw new AgentProofError("too-large", `${entries.length} ${field}, more than ${max}`, field);
  }
  for (const entry of entries) for (const text of texts(entry)) checkText(text, field);
}
