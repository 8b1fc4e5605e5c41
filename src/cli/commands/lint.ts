import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { LintFlags } from "../run/lint.ts";
import type { OomLintFlags } from "../run/oom-lint.ts";

const word = (input: string): string => input;

const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "One JSON document on stdout",
} as const;
const stderr = {
  kind: "parsed",
  parse: word,
  optional: true,
  placeholder: "FILE",
  brief: "Captured stderr, for the breadcrumb gates",
} as const;

/** `apr lint`: judges captured evidence. */
export const lint = buildCommand<LintFlags, [string?, string?], AprContext>({
  loader: lazy<LintFlags, [string?, string?]>(() => import("../run/lint.ts")),
  parameters: {
    flags: {
      json,
      stderr,
      batch: {
        kind: "parsed",
        parse: word,
        optional: true,
        placeholder: "FILE",
        brief: 'JSON lines {"gate","evidence"} from FILE or -, one JSON line back for each',
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: word,
          optional: true,
          placeholder: "GATE|CONTRACT",
          brief: "What to judge by; `oom` for a report",
        },
        { parse: word, optional: true, placeholder: "FILE", brief: "JSON file to judge, - for stdin" },
      ],
    },
  },
  docs: {
    brief: "Judge a captured file by a gate or a contract",
    customUsage: [
      "F-CHAOS-005 evidence.json",
      "apr-qa-chaos-v1 report.json --json",
      "oom report.json --stderr stderr.txt",
      "--batch evidence.jsonl --json",
    ],
  },
});

/** `apr oom-lint REPORT`: another name for `apr lint oom REPORT`. */
export const oomLint = buildCommand<OomLintFlags, [string], AprContext>({
  loader: lazy<OomLintFlags, [string]>(() => import("../run/oom-lint.ts")),
  parameters: {
    flags: { json, stderr },
    positional: {
      kind: "tuple",
      parameters: [{ parse: word, placeholder: "REPORT", brief: "Out-of-memory report, - for stdin" }],
    },
  },
  docs: {
    brief: "Judge an out-of-memory report (same as `lint oom`)",
    customUsage: ["report.json", "report.json --stderr stderr.txt --json", "- <report.json"],
    fullDescription: "Exit codes: 0 all passed, 3 no such file, 4 not JSON, 5 a gate failed, 6 inconclusive.",
  },
});
