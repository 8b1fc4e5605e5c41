import { buildCommand } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import { lazy } from "../lazy.ts";
import type { SweepFlags } from "../run/qa-sweep.ts";
import { parseBudget, parseCount, parsed, parseTimeout, text } from "./qa-words.ts";
import { subjectFlags } from "./qa-subject.ts";

/** `2/5`: the second of five parts. */
function parseShard(word: string): { readonly index: number; readonly count: number } {
  const [, index = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(word) ?? []).map(Number);
  if (index < 1 || count < 1 || index > count) {
    throw new AprError("usage", `not a shard such as 1/4: ${word}`);
  }
  return { index, count };
}

function parseNames(word: string): readonly string[] {
  return word.split(",").filter((name) => name !== "");
}

const MAX_SEED = 2 ** 32;

function parseSeed(word: string): number {
  const seed = Number(word);
  if (!/^\d+$/.test(word) || seed >= MAX_SEED) {
    throw new AprError("usage", `not a whole number below 2^32: ${word}`);
  }
  return seed;
}

function parsePoints(word: string): number {
  const points = Number(word);
  if (!/^[1-9]\d{0,8}$/.test(word)) throw new AprError("usage", `not a number of points: ${word}`);
  return points;
}

export const sweep = buildCommand({
  loader: lazy<SweepFlags, []>(() => import("../run/qa-sweep.ts")),
  parameters: {
    flags: {
      ...subjectFlags,
      setup: {
        ...text,
        brief: "Runs before each run, such as 'cp -a {model} {tmp}/store'",
        placeholder: "CMD",
      },
      state: {
        ...text,
        brief: "Where unfinished work may stay that the next run goes on from, such as '{out}.part'",
        placeholder: "PATH",
      },
      faults: {
        ...parsed,
        parse: parseNames,
        brief: "Only these, such as ENOSPC,SIGTERM,stdout-full",
        placeholder: "LIST",
      },
      check: {
        ...text,
        brief: "Judges an output that differs from run to run: exit 0 accepts it",
        placeholder: "CMD",
      },
      budget: {
        kind: "parsed",
        parse: parseBudget,
        default: "60s",
        brief: "Begin no new run after this long; none: try every point",
        placeholder: "TIME",
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
        default: "3",
        brief: "Try each finding's shown run N times",
        placeholder: "N",
      },
      jobs: {
        ...parsed,
        parse: parseCount,
        brief: "Runs at the same time (one more than cores)",
        placeholder: "N",
      },
      shard: {
        ...parsed,
        parse: parseShard,
        brief: "Only the Ith of N parts of the points",
        placeholder: "I/N",
      },
      sample: {
        ...parsed,
        parse: parsePoints,
        brief: "Only so many points, drawn by --seed",
        placeholder: "N",
      },
      seed: { kind: "parsed", parse: parseSeed, default: "1", brief: "Draws the sample", placeholder: "S" },
      crashpack: {
        ...text,
        brief: "Keep a crashpack of each finding in this folder",
        placeholder: "DIR",
      },
      junit: { ...text, brief: "Write a JUnit report", placeholder: "FILE" },
      sarif: { ...text, brief: "Write a SARIF report, for code hosts", placeholder: "FILE" },
      markdown: { ...text, brief: "Write a summary in Markdown", placeholder: "FILE" },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON document on stdout" },
    },
  },
  docs: {
    brief: "Fail each system call of a command in turn and judge each outcome",
    customUsage: [
      "--model m.bin --output '{model}.gz' -- gzip -nk {model}",
      "--budget 30s -- openssl enc -aes-256-cbc -K … -iv … -in {model} -out {out}",
      "--faults ENOSPC,SIGKILL --shard 1/4 --json -- cp {model} {out}",
    ],
    fullDescription:
      "Runs CMD cleanly, lists the system calls that touch its own files and memory, and then runs it once for each of them " +
      "with that one call failing: errors, signals, once and lasting. Further faults follow: a full stdout, few descriptors, " +
      "a damaged input and more. One rule judges every run: exit 0 means the clean run's output; any other exit leaves the " +
      "output path as it was, says why, and a clean run works afterwards. " +
      "Exit codes: 0 nothing failed, 5 something failed, 6 nothing could be proven.",
  },
});
