import { buildCommand, buildRouteMap } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { MergeFlags } from "../run/sim-merge.ts";
import type { SimRunFlags } from "../run/sim-run.ts";
import type { SweepFlags } from "../run/sim-sweep.ts";
import { json, text } from "../store/flags.ts";
import { simCalibrate } from "./sim-calibrate.ts";

/** What a scenario can be asked for is small: a world of more than this is none for a search. */
const MAX_PARAM = 4096;
const MAX_JOBS = 256;

function count(most: number): (input: string) => number {
  return (input) => {
    const value = /^[0-9]{1,9}$/.test(input) ? Number(input) : 0;
    if (value >= 1 && value <= most) return value;
    throw new AprError("usage", `not a whole number from 1 to ${most}: ${input.slice(0, 100)}`);
  };
}

function parseTime(input: string): number {
  const ms = parseDuration(input);
  if (ms >= 1) return ms;
  throw new AprError("usage", `not a time of at least 1ms: ${input.slice(0, 100)}`);
}

const optional = { kind: "parsed", optional: true } as const;
const params = {
  chunks: {
    ...optional,
    parse: count(MAX_PARAM),
    placeholder: "N",
    brief: "Chunks of 2 MiB that a model has",
  },
  hosts: {
    ...optional,
    parse: count(8),
    placeholder: "N",
    brief: "Hosts that have the model (multi-source)",
  },
  runs: {
    ...optional,
    parse: count(100),
    placeholder: "N",
    brief: "Runs until the last, undisturbed one (resume)",
  },
} as const;

const list = buildCommand<CommonFlags, [], AprContext>({
  loader: lazy<CommonFlags, []>(() => import("../run/sim-ls.ts")),
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [] } },
  docs: { brief: "List the scenarios, with what must hold in each" },
});

const run = buildCommand<SimRunFlags, [string], AprContext>({
  loader: lazy<SimRunFlags, [string]>(() => import("../run/sim-run.ts")),
  parameters: {
    flags: {
      seed: {
        kind: "parsed",
        parse: String,
        placeholder: "N",
        brief: "0 to 2^64-1: the whole run follows from it",
      },
      ...params,
      trace: text("FILE", "Write the events of every process, one JSON array"),
      crashpack: text(
        "DIR",
        "When it fails, keep a crashpack here (default: the state folder; off for none)",
      ),
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "SCENARIO", brief: "As apr sim ls shows it" }],
    },
  },
  docs: {
    brief: "Run one scenario from one seed",
    customUsage: ["resume --seed 43", "single-pull --seed 7 --chunks 16 --trace trace.json"],
    fullDescription: "Exit codes: 0 nothing is broken, 2 no such scenario or seed, 5 an invariant is broken.",
  },
});

const sweep = buildCommand<SweepFlags, [string], AprContext>({
  loader: lazy<SweepFlags, [string]>(() => import("../run/sim-sweep.ts")),
  parameters: {
    flags: {
      seeds: { kind: "parsed", parse: String, placeholder: "A..B", brief: "Both included" },
      jobs: { ...optional, parse: count(MAX_JOBS), placeholder: "N", brief: "Threads (default one a core)" },
      shard: {
        ...optional,
        parse: String,
        placeholder: "i/n",
        brief: "Every n-th seed, from the one at i on",
      },
      time: {
        ...optional,
        parse: parseTime,
        placeholder: "TIME",
        brief: "Begin nothing new after this long",
      },
      out: text("FILE", "Write what came of it, for apr sim merge"),
      crashpack: text("DIR", "Keep a crashpack of each type of failure here (default: the state folder)"),
      ...params,
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "SCENARIO", brief: "One, or all" }],
    },
  },
  docs: {
    brief: "Run a scenario, or all of them, from many seeds",
    customUsage: [
      "all --seeds 0..9999",
      "resume --seeds 0..999999 --shard 3/100 --time 10m --out resume-3.json",
    ],
    fullDescription:
      "Shards need no coordination: give each machine the same range and a number of its own, and merge their files. " +
      "Exit codes: 0 nothing is broken, 2 no such scenario or range, 5 an invariant is broken.",
  },
});

const merge = buildCommand<MergeFlags, string[], AprContext>({
  loader: lazy<MergeFlags, string[]>(() => import("../run/sim-merge.ts")),
  parameters: {
    flags: { out: text("FILE", "Write all of them as one"), json },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: String, placeholder: "FILE", brief: "What sweeps wrote with --out" },
    },
  },
  docs: {
    brief: "Put the shards of one sweep together",
    customUsage: ["shard-*.json", "shard-*.json --out sweep.json --json"],
    fullDescription:
      "Exit codes: 0 every seed was run and nothing is broken, 3 no such file, 4 not of one sweep or there twice, " +
      "5 an invariant is broken, 6 nothing is broken and seeds are missing.",
  },
});

/** `apr sim`: the real store and transfers in a simulated world. */
export const sim = buildRouteMap({
  routes: { ls: list, run, sweep, merge, calibrate: simCalibrate },
  docs: { brief: "Run apr's own store and transfers in a simulated world, from seeds" },
});
