import { buildCommand } from "@stricli/core";
import { lazy } from "../lazy.ts";
import type { MergeFlags } from "../run/qa-merge.ts";
import { text } from "./qa-words.ts";

export const merge = buildCommand({
  loader: lazy<MergeFlags, string[]>(() => import("../run/qa-merge.ts")),
  parameters: {
    positional: {
      kind: "array",
      parameter: { brief: "Reports of shards, as --json wrote them", parse: String, placeholder: "FILE" },
      minimum: 1,
    },
    flags: {
      crashpack: { ...text, brief: "Keep a crashpack of each finding in this folder", placeholder: "DIR" },
      junit: { ...text, brief: "Write a JUnit report", placeholder: "FILE" },
      sarif: { ...text, brief: "Write a SARIF report, for code hosts", placeholder: "FILE" },
      markdown: { ...text, brief: "Write a summary in Markdown", placeholder: "FILE" },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON document on stdout" },
    },
  },
  docs: {
    brief: "Put the shards of a sweep together",
    customUsage: ["1.json 2.json 3.json --sarif apr.sarif"],
  },
});
