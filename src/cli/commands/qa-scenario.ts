import { buildCommand } from "@stricli/core";
import { lazy } from "../lazy.ts";
import type { InitFlags } from "../run/qa-init.ts";
import type { RunFlags } from "../run/qa-run.ts";
import { parseBudget, parseCount, parsed, text } from "./qa-words.ts";

const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "One JSON document on stdout",
} as const;

export const run = buildCommand({
  loader: lazy<RunFlags, [string]>(() => import("../run/qa-run.ts")),
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "A scenario file", parse: String, placeholder: "FILE" }],
    },
    flags: {
      only: { ...text, brief: "Only the subject of this name", placeholder: "NAME" },
      jobs: {
        ...parsed,
        parse: parseCount,
        brief: "Runs at the same time (one more than cores)",
        placeholder: "N",
      },
      crashpack: {
        ...text,
        brief: "Keep a crashpack of each new finding in this folder",
        placeholder: "DIR",
      },
      junit: { ...text, brief: "Write a JUnit report", placeholder: "FILE" },
      sarif: { ...text, brief: "Write a SARIF report, for code hosts", placeholder: "FILE" },
      markdown: { ...text, brief: "Write a summary in Markdown", placeholder: "FILE" },
      json,
    },
  },
  docs: {
    brief: "Sweep the commands of a scenario file, for CI",
    customUsage: ["apr-qa.yaml", "apr-qa.yaml --sarif apr.sarif --markdown summary.md"],
    fullDescription:
      "Each subject's command is swept as by apr qa sweep. New failures break the build; known ones do not until their day; " +
      "known ones that are not found any more must be removed. " +
      "Exit codes: 0 all as expected, 5 something is not, 6 something could not be told.",
  },
});

export const init = buildCommand({
  loader: lazy<InitFlags, []>(() => import("../run/qa-init.ts")),
  parameters: {
    flags: {
      file: {
        kind: "parsed",
        parse: String,
        default: "apr-qa.yaml",
        brief: "Where to write it",
        placeholder: "FILE",
      },
      model: { ...text, brief: "The model; without one a small one is made for {model}", placeholder: "M" },
      output: { ...text, brief: "Where the output lies when no {out} says so", placeholder: "PATH" },
      state: { ...text, brief: "Where unfinished work may stay", placeholder: "PATH" },
      check: { ...text, brief: "Judges an output that differs from run to run", placeholder: "CMD" },
      budget: {
        kind: "parsed",
        parse: parseBudget,
        default: "60s",
        brief: "Of each later sweep too; none: try every point",
        placeholder: "TIME",
      },
      force: { kind: "boolean", default: false, withNegated: false, brief: "Replace the file" },
      json,
    },
  },
  docs: {
    brief: "Write a first scenario file for a command",
    customUsage: ["-- cp {model} {out}", "--output '{model}.gz' -- gzip -nk {model}"],
  },
});
