import { EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import type { ReplayResult, ReplayWord } from "../../replay/types.ts";
import { printable } from "../../reports/printable.ts";
import { truncateText } from "../../reports/text.ts";
import { verdictJson, verdictsText } from "../../reports/verdicts.ts";
import type { AprContext, CommonFlags } from "../context.ts";

const MAX_COLUMNS = 200;

const EXIT_OF: Readonly<Record<ReplayWord, number>> = {
  reproduced: EXIT.ok,
  "not-reproduced": EXIT.failed,
  "not-replayable": EXIT.inconclusive,
};

/** Shows what a replay found; returns the exit code. */
export function showReplay(
  context: AprContext,
  { json }: CommonFlags,
  path: string,
  result: ReplayResult,
): number {
  const exitCode = EXIT_OF[result.verdict];
  if (json) context.out(`${stringifyJson(document(path, result, exitCode))}\n`);
  else context.out(`${words(result).map(line).join("")}${verdictsText(result.verdicts, exitCode)}`);
  return exitCode;
}

function document(
  path: string,
  { verdicts, difference, ...result }: ReplayResult,
  exitCode: number,
): JsonObject {
  return {
    path,
    ...(result as unknown as JsonObject),
    difference: difference as unknown as JsonObject | null,
    verdicts: verdicts.map(verdictJson),
    exit_code: exitCode,
  };
}

function words({
  command,
  difference,
  error,
  events,
  kind,
  notes,
  verdict,
  violations,
  why,
}: ReplayResult): string[] {
  const ended = error === null ? "no violation" : `${error.kind}: ${error.message}`;
  const what = violations.length === 0 ? ended : violations.join(", ");
  const count = `${events.toLocaleString("en-US")} event${events === 1 ? "" : "s"}`;
  const shown =
    command === null ? [] : [`command         ${command.map((word) => JSON.stringify(word)).join(" ")}`];
  const more = notes.map((note) => `                ${note}`);
  switch (verdict) {
    case "reproduced":
      return [
        ...shown,
        kind === "chaos"
          ? `reproduced      ${what}`
          : `reproduced      the same ${count}, byte for byte: ${what}`,
        ...more,
      ];
    case "not-reproduced":
      return [
        ...shown,
        `NOT REPRODUCED  ${difference?.what ?? "the traces differ"} (${what})`,
        ...(difference === null || difference.event === null
          ? []
          : [
              `  recorded      ${eventText(difference.recorded)}`,
              `  replayed      ${eventText(difference.replayed)}`,
            ]),
        ...more,
      ];
    case "not-replayable":
      return [...shown, `not replayable  ${why ?? ""}`, ...more];
  }
}

function eventText(event: object | null): string {
  return event === null ? "nothing" : stringifyJson(event as JsonObject);
}

function line(text: string): string {
  return `  ${truncateText(printable(text), MAX_COLUMNS)}\n`;
}
