import { type Json, stringifyJson } from "../base/json.ts";
import { evidenceLedger } from "../evidence/ledger.ts";
import { replayScript, shown, shownLine } from "./replay-script.ts";
import type { AgentTaskProofBundle, BlockerRecord, CommandRecord } from "./types.ts";

const BUNDLE = "agent_proof_bundle.json";
export const REPLAY = "replay.sh";

/** The files of a bundle by name, in the order in which they are written. The same bundle gives the same bytes. */
export function proofTexts(bundle: AgentTaskProofBundle): ReadonlyMap<string, string> {
  const { first_blocker: blocker, commands } = bundle;
  return new Map([
    [BUNDLE, json(bundle)],
    ["evidence_ledger.json", json(ledgerOf(bundle))],
    [REPLAY, replayScript(bundle)],
    ["commands.txt", commands.map(commandLine).join("")],
    ...(blocker === null ? [] : [["blocker_report.txt", blockerText(blocker, commands)] as const]),
  ]);
}

function json(value: object): string {
  return `${stringifyJson(value as Json, 2)}\n`;
}

/** One entry a command, whose one check is the exit status. */
function ledgerOf({ commands, objective, replay }: AgentTaskProofBundle): object {
  return evidenceLedger({
    results: commands.map(({ exit_code: code }, index) => ({
      result: {
        oracle_name: `command ${index} succeeds`,
        violations: code === 0 ? [] : [{ severity: "high" }],
        stats: { entities_tracked: code === 0 ? 0 : 1, events_recorded: 1 },
        passed: code === 0,
      },
      artifactPath: BUNDLE,
    })),
    artifactPaths: [BUNDLE, REPLAY, "commands.txt"],
    metadata: { replay_safety: replay.safety, ...(objective === null ? {} : { objective }) },
  });
}

function commandLine(command: CommandRecord): string {
  return `${ending(command)}\t${command.duration_ms} ms\t${shownLine(command)}\n`;
}

function ending({ exit_code, signal }: Pick<CommandRecord, "exit_code" | "signal">): string {
  return signal === null ? `exit ${exit_code}` : `exit ${exit_code} (${signal})`;
}

function blockerText(blocker: BlockerRecord, commands: readonly CommandRecord[]): string {
  const { command_index: index, last_lines: lines } = blocker;
  const cwd = commands[index]?.cwd ?? "/";
  const output =
    lines.length === 0
      ? "It wrote nothing.\n"
      : `Its last lines:\n${lines.map((line) => `  ${shown(line)}\n`).join("")}`;
  return `Command ${index} failed: ${ending(blocker)}\n${shownLine({ argv: blocker.argv, cwd })}\n\n${output}`;
}
