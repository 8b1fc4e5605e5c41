import { buildCommand, buildRouteMap } from "@stricli/core";
import type { AprContext, CommonFlags } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { OomIngestFlags } from "../run/oom-ingest.ts";
import { json, onOff, text } from "../store/flags.ts";

const file = {
  parse: String,
  placeholder: "FILE",
  brief: "A PyTorch snapshot, a Node.js report, a kernel's or a program's log, or a report; - for stdin",
} as const;

const exitCode = {
  kind: "parsed",
  parse: exitCodeOf,
  optional: true,
  placeholder: "N",
  brief: "The program's exit code, which such files do not have",
} as const;

/** Any whole number that a report may hold. */
function exitCodeOf(input: string): number {
  const value = Number(input);
  if (!Number.isSafeInteger(value) || input.trim() === "")
    throw new SyntaxError(`not an exit code: ${input}`);
  return value;
}

const ingest = buildCommand<OomIngestFlags, [string], AprContext>({
  loader: lazy<OomIngestFlags, [string]>(() => import("../run/oom-ingest.ts")),
  parameters: {
    flags: {
      out: text("REPORT", "Write the report to this file, instead of stdout"),
      force: onOff("Replace the file that --out names"),
      exitCode,
      json,
    },
    positional: { kind: "tuple", parameters: [file] },
  },
  docs: {
    brief: "Make an out-of-memory report of what another tool wrote",
    customUsage: ["snapshot.pickle", "report.json --out oom.json", "- --exit-code 137 <stderr.txt"],
    fullDescription:
      "What the file does not tell is marked as unavailable in the report, never made up. " +
      "Exit codes: 0, 3 no such file, 4 not understood, 5 --out exists.",
  },
});

const show = buildCommand<CommonFlags, [string], AprContext>({
  loader: lazy<CommonFlags, [string]>(() => import("../run/oom-show.ts")),
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [file] } },
  docs: {
    brief: "Show what died of too little memory, and who held it",
    customUsage: ["/tmp/apr-oom-1795165915.json", "snapshot.pickle", "stderr.txt"],
    fullDescription: "With --json the whole report. Exit codes: 0, 3 no such file, 4 not understood.",
  },
});

/** `apr oom`: what programs and tools left behind when memory ran out. */
export const oom = buildRouteMap({
  routes: { ingest, show },
  docs: { brief: "Read, show and compare what is left of an out-of-memory; predict the next one" },
});
