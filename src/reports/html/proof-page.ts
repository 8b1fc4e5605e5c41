import { shellQuote } from "../../base/shellwords.ts";
import { type JsonObject } from "../../base/json.ts";
import { formatBytes, formatDuration } from "../../base/units.ts";
import { commandText } from "../chaos-words.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { isObject, listAt, numberAt, objectAt, textAt, textsAt } from "./read-json.ts";
import { count, flag, list, number, orNull, shape, text, word } from "./shape.ts";

const output = shape({ text, total_bytes: count, cut: flag });
const command = shape({
  ...{ argv: list(word), cwd: text, exit_code: number, signal: orNull(text), duration_ms: number },
  ...{ stdout: output, stderr: output, redacted: flag },
});
const proof = shape({
  schema_version: (json) => json === 1,
  ...{ objective: orNull(text), commands: list(command), changed_files: list(isObject) },
  replay: shape({ safety: text, runs: flag, reason: orNull(text) }),
});

/** Whether a file is the bundle of `apr proof run`. */
export function isProof(report: JsonObject): boolean {
  return proof(report);
}

/** The page of a proof bundle: what was run, how it ended, what it changed. */
export function proofPage(bundle: JsonObject): Page {
  const commands = listAt(bundle, "commands").filter(isObject);
  const failed = commands.filter((each) => numberAt(each, "exit_code") !== 0);
  const objective = textAt(bundle, "objective");
  const what = commands.length === 1 ? "1 command" : `${commands.length} commands`;
  return {
    title: `proof: ${objective ?? commandText(textsAt(commands[0] ?? {}, "argv"))}`,
    finding: failed.length === 0 ? `${what} succeeded` : `${failed.length} of ${what} failed`,
    verdict: commands.length === 0 ? "inconclusive" : failed.length === 0 ? "pass" : "fail",
    blocks: [{ kind: "facts", rows: factRows(bundle) }, ...commands.map(commandBlock), changedTable(bundle)],
  };
}

function factRows(bundle: JsonObject): (readonly [string, Cell])[] {
  const replay = objectAt(bundle, "replay");
  const commitRows = ["commit_before", "commit_after"].flatMap((key): [string, Cell][] => {
    const at = objectAt(bundle, key);
    const commit = textAt(at, "commit");
    if (commit === null) return [];
    const branch = textAt(at, "branch");
    const dirty = at["dirty"] === true ? ", with changes beside it" : "";
    return [[key.replace("_", " "), `${commit}${branch === null ? "" : ` on ${branch}`}${dirty}`]];
  });
  const open = textsAt(objectAt(bundle, "validation_frontier"), "not_validated");
  return [
    ["objective", textAt(bundle, "objective") ?? "none was told"],
    ...commitRows,
    [
      "may be run again",
      `${textAt(replay, "safety") ?? ""}${replay["runs"] === true ? "" : ": replay.sh only prints"}`,
    ],
    ...(textAt(replay, "reason") === null ? [] : [["because", textAt(replay, "reason") ?? ""] as const]),
    ...open.map((each) => ["nobody looked at", each] as const),
  ];
}

function commandBlock(record: JsonObject, index: number): Block {
  const argv = textsAt(record, "argv");
  const code = numberAt(record, "exit_code") ?? -1;
  const signal = textAt(record, "signal");
  const label = `command ${index + 1}`;
  return {
    kind: "details",
    open: true,
    summary: { text: `${label}: ${commandText(argv)}`, verdict: code === 0 ? "pass" : "fail" },
    blocks: [
      { kind: "code", label: `${label}, to run it again`, text: shellQuote(argv) },
      {
        kind: "facts",
        rows: [
          ["exit code", `${code}${signal === null ? "" : ` (${signal})`}`],
          ["folder", textAt(record, "cwd") ?? ""],
          ["duration", formatDuration(numberAt(record, "duration_ms") ?? 0)],
          ...(record["redacted"] === true ? [["secrets", "were taken out of its words"] as const] : []),
        ],
      },
      ...["stdout", "stderr"].flatMap((name): Block[] => {
        const of = objectAt(record, name);
        const said = textAt(of, "text") ?? "";
        const all = formatBytes(numberAt(of, "total_bytes") ?? 0);
        const how = of["cut"] === true ? `beginning and end of ${all}` : all;
        return said === "" ? [] : [{ kind: "code", label: `${name} of ${label}: ${how}`, text: said }];
      }),
    ],
  };
}

function changedTable(bundle: JsonObject): Block {
  const rows = listAt(bundle, "changed_files")
    .filter(isObject)
    .map((each): Cell[] => [textAt(each, "status") ?? "", textAt(each, "path") ?? ""]);
  const whole = bundle["changed_files_complete"] === false ? ", not all of them" : "";
  return {
    kind: "table",
    caption: rows.length === 0 ? "No file was changed" : `Changed files${whole}`,
    columns: [{ title: "how" }, { title: "file" }],
    rows,
  };
}
