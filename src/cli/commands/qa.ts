import { buildCommand, buildRouteMap } from "@stricli/core";
import type { ChaosFaultId } from "../../contracts/chaos-report.ts";
import { parseBytes } from "../../base/units.ts";
import { AprError } from "../../base/errors.ts";
import { lazy } from "../lazy.ts";
import { merge } from "./qa-merge.ts";
import { init, run } from "./qa-scenario.ts";
import { sweep } from "./qa-sweep.ts";
import { parseCount, parsed, parseTimeout, text } from "./qa-words.ts";
import { subjectFlags } from "./qa-subject.ts";

const FAULT_IDS: readonly ChaosFaultId[] = [
  "F-CHAOS-001",
  "F-CHAOS-002",
  "F-CHAOS-003",
  "F-CHAOS-004",
  "F-CHAOS-005",
];

/** `001,005` or full ids. */
function parseFaults(text: string): readonly ChaosFaultId[] {
  return text.split(",").map((word) => {
    const id = FAULT_IDS.find((known) => known === word || known.endsWith(`-${word.padStart(3, "0")}`));
    if (id === undefined) throw new AprError("usage", `no such fault: ${word} (known: 001 to 005)`);
    return id;
  });
}

function parseRoom(text: string): number {
  const bytes = parseBytes(text);
  if (bytes < 1) throw new AprError("usage", `not a size of at least one byte: ${text}`);
  return bytes;
}

const chaos = buildCommand({
  loader: lazy(() => import("../run/qa-chaos.ts")),
  parameters: {
    flags: {
      ...subjectFlags,
      state: {
        ...text,
        brief: "Where unfinished work may stay that the next run goes on from, such as '{out}.part'",
        placeholder: "PATH",
      },
      faults: { ...parsed, parse: parseFaults, brief: "Only these, such as 001,005", placeholder: "LIST" },
      check: {
        ...text,
        brief: "Judges an output that differs from run to run: exit 0 accepts it",
        placeholder: "CMD",
      },
      forceFlag: {
        ...text,
        brief: "The flag that makes the command overwrite; stands for {force}",
        placeholder: "FLAG",
      },
      memoryLimit: {
        ...parsed,
        parse: parseRoom,
        brief: "Address space for 002 instead of searching it",
        placeholder: "SIZE",
      },
      diskLimit: {
        ...parsed,
        parse: parseRoom,
        brief: "Room on the disk for 005 instead of half the output",
        placeholder: "SIZE",
      },
      timeout: {
        kind: "parsed",
        parse: parseTimeout,
        default: "5m",
        brief: "Kill a run after this long",
        placeholder: "TIME",
      },
      repeat: {
        kind: "parsed",
        parse: parseCount,
        default: "1",
        brief: "Try each fault N times; verdicts that differ are flaky",
        placeholder: "N",
      },
      jobs: {
        ...parsed,
        parse: parseCount,
        brief: "Runs at the same time (one a core, at most 4)",
        placeholder: "N",
      },
      keep: { ...text, brief: "Keep streams, observations and leftovers in this folder", placeholder: "DIR" },
      crashpack: {
        ...text,
        brief: "When something fails, keep a crashpack here (default: the state folder; off for none)",
        placeholder: "DIR",
      },
      junit: { ...text, brief: "Write a JUnit report", placeholder: "FILE" },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON document on stdout" },
    },
  },
  docs: {
    brief: "Break a command with five real faults and judge what it did",
    customUsage: [
      "--model tiny.gguf -- cp {model} {out}",
      "--model tiny.gguf --output '{model}.gz' --force-flag -f -- gzip -nk {model}",
      "--model repo --check 'git -C {out} fsck' -- git clone {model} {out}",
    ],
    fullDescription:
      "Runs CMD in a sandbox: twice cleanly, then under a memory budget, an address-space limit, SIGINT, an existing output and a full disk. " +
      "Placeholders: {model} a private copy, {out} the output, {tmp} a scratch folder, {force} the force flag. " +
      "Your own files are only read. Exit codes: 0 all passed, 5 something failed, 6 something could not be proven.",
  },
});

export const qa = buildRouteMap({
  routes: { chaos, sweep, run, init, merge },
  docs: { brief: "Break any command on purpose" },
});
