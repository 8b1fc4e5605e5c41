import { buildCommand, buildRouteMap } from "@stricli/core";
import { parseBytes } from "../../base/units.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { OomExportFlags } from "../run/oom-export.ts";
import type { OomFitFlags } from "../run/oom-fit.ts";
import type { OomIngestFlags } from "../run/oom-ingest.ts";
import { json, onOff, store, tagsProposed, text } from "../store/flags.ts";

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

const diff = buildCommand<CommonFlags, [string, string], AprContext>({
  loader: lazy<CommonFlags, [string, string]>(() => import("../run/oom-diff.ts")),
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [
        { ...file, placeholder: "BEFORE" },
        { ...file, placeholder: "AFTER" },
      ],
    },
  },
  docs: {
    brief: "Show what grew from one report to another",
    customUsage: ["monday.pickle friday.pickle", "a.json b.json --json"],
    fullDescription:
      "Both may be anything that `apr oom ingest` reads. Exit codes: 0, 3 no such file, 4 not understood.",
  },
});

const exportCommand = buildCommand<OomExportFlags, [string], AprContext>({
  loader: lazy<OomExportFlags, [string]>(() => import("../run/oom-export.ts")),
  parameters: {
    flags: {
      to: {
        kind: "enum",
        values: ["perfetto", "speedscope", "pprof", "memory-viz"],
        brief: "The viewer: curves and operations, or who held memory at the peak",
      },
      out: text("FILE", "Write to this file, instead of stdout"),
      force: onOff("Replace the file that --out names"),
      json,
    },
    positional: { kind: "tuple", parameters: [file] },
  },
  docs: {
    brief: "Export a report for a viewer",
    customUsage: ["oom.json --to perfetto --out trace.json", "snapshot.pickle --to pprof --out oom.pb.gz"],
    fullDescription: "Exit codes: 0, 2, 3 no such file, 4 not understood, 5 --out exists.",
  },
});

const tokens = (brief: string, byDefault: string) =>
  ({ kind: "parsed", parse: wholeFrom(1), default: byDefault, placeholder: "N", brief }) as const;

const fit = buildCommand<OomFitFlags, [string], AprContext>({
  loader: lazy<OomFitFlags, [string]>(() => import("../run/oom-fit.ts")),
  parameters: {
    flags: {
      context: tokens("Tokens of context to hold", "4096"),
      memory: {
        kind: "parsed",
        parse: gibibytes,
        optional: true,
        placeholder: "SIZE",
        brief: "What it must fit into, such as 24GiB or 24; the GPU's with --gpu-layers",
      },
      gpuLayers: {
        kind: "parsed",
        parse: wholeFrom(0),
        optional: true,
        placeholder: "N",
        brief: "Layers whose weights and cache lie on the GPU",
      },
      batch: tokens("Tokens worked on at once", "512"),
      kvType: {
        kind: "enum",
        values: ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"],
        default: "f16",
        brief: "What keys and values are kept in",
      },
      store,
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "FILE|TAG",
          brief: "A .gguf file, a model's folder, or a tag of the store",
          ...tagsProposed,
        },
      ],
    },
  },
  docs: {
    brief: "Predict what a model takes in memory, and what would make it fit",
    customUsage: ["qwen:0.5b --context 8192", "llama.gguf --context 32768 --memory 16 --gpu-layers 33"],
    fullDescription:
      "Weights, keys and values, and overhead, from the model's header alone; every assumption is shown. " +
      "Exit codes with --memory: 0 it fits, 5 it does not, 6 the model does not state enough; else 0. 3 no such model, 4 refused.",
  },
});

/** A bare number counts in GiB. */
function gibibytes(input: string): number {
  return parseBytes(/^\d+(?:\.\d+)?$/.test(input.trim()) ? `${input}GiB` : input);
}

function wholeFrom(least: number): (input: string) => number {
  return (input) => {
    const value = Number(input);
    if (/^\d{1,12}$/.test(input) && value >= least) return value;
    throw new SyntaxError(`not a whole number from ${least} on: ${input}`);
  };
}

/** `apr oom`: what programs and tools left behind when memory ran out. */
export const oom = buildRouteMap({
  routes: { ingest, show, diff, fit, export: exportCommand },
  docs: { brief: "Read, show and compare what is left of an out-of-memory; predict the next one" },
});
