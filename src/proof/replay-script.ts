import { shellQuote } from "../base/shellwords.ts";
import type { AgentTaskProofBundle, CommandRecord } from "./types.ts";

/** Controls and halves of surrogate pairs: shown to a person they could drive the terminal. */
const UNSAFE = /[\p{Cc}\p{Surrogate}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * The text of `replay.sh`, for any POSIX shell. It prints the commands, and runs them only when the bundle says that
 * it may. Whatever was recorded stands in single quotes, where a shell executes and expands nothing.
 */
export function replayScript({
  commands,
  replay,
}: Pick<AgentTaskProofBundle, "commands" | "replay">): string {
  const head = `#!/bin/sh\n# What was done for a task. Safety level: ${replay.safety}.\n`;
  if (replay.runs)
    return `${head}# Stops at the first command that fails.\n${commands.map(runLines).join("")}`;
  return [
    head,
    `# Prints the commands and runs none of them: ${replay.reason ?? ""}.\n`,
    ...commands.map(printLine),
  ].join("");
}

function printLine(command: CommandRecord): string {
  return `printf '%s\\n' ${shellQuote([shownLine(command)])}\n`;
}

/** `exec` takes no builtin such as `eval`: what was a program's name stays one. */
function runLines(command: CommandRecord): string {
  const { argv, cwd } = command;
  return `${printLine(command)}( CDPATH= cd ${shellQuote([cwd])} || exit 125; exec ${shellQuote(argv)} ) || exit\n`;
}

/** Folder and command as one line that a shell reads back, unless characters had to be spelled out. */
export function shownLine({ argv, cwd }: Pick<CommandRecord, "argv" | "cwd">): string {
  return shown(`cd ${shellQuote([cwd])} && ${shellQuote(argv)}`);
}

export function shown(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
