import { buildCommand } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { CalibrateFlags } from "../sim/calibrate-flags.ts";
import { json, text } from "../store/flags.ts";

/** A year of one core; what is counted stays exact. */
const MAX_SEEDS = 1_000_000_000;
const MAX_JOBS = 256;

/** `2000`, which begins at 0, or `2000..4000`: the first seed, and the one after the last. */
function parseSeeds(input: string): readonly [number, number] {
  const [, first, last] = /^(?:(\d{1,10})\.\.)?(\d{1,10})$/.exec(input) ?? [];
  const seeds = [Number(first ?? 0), Number(last)] as const;
  if (last !== undefined && seeds[0] < seeds[1] && seeds[1] <= MAX_SEEDS) return seeds;
  throw new AprError("usage", `not a count or a range of seeds, at most ${MAX_SEEDS}: ${input}`, {
    hint: "such as 2000, or 2000..4000 for those from 2000 to 3999",
  });
}

function parseJobs(input: string): number {
  const jobs = Number(input);
  if (/^\d+$/.test(input) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new AprError("usage", `not a whole number from 1 to ${MAX_JOBS}: ${input}`);
}

/** `apr sim calibrate`: how well each check tells planted defects from sound runs. */
export const simCalibrate = buildCommand<CalibrateFlags, [], AprContext>({
  loader: lazy<CalibrateFlags, []>(() => import("../run/sim-calibrate.ts")),
  parameters: {
    flags: {
      seeds: {
        ...{ kind: "parsed", parse: parseSeeds, default: "2000", placeholder: "N|A..B" },
        brief: "Simulated pulls, each judged as it is and with each defect in its trace",
      },
      stores: {
        ...{ kind: "parsed", parse: parseSeeds, default: "500", placeholder: "N|A..B" },
        brief: "Simulated stores, each verified as it is and with each damage",
      },
      jobs: { kind: "parsed", parse: parseJobs, default: "1", placeholder: "N", brief: "Processes" },
      out: text("FILE", "Writes the measured table as JSON"),
      json: { ...json, brief: "The measured table on stdout" },
    },
  },
  docs: {
    brief: "Measure how well each check tells planted defects from sound runs",
    customUsage: ["--seeds 10000 --stores 2000 --jobs 2 --out measured.json"],
    fullDescription:
      "Prints, for each check and each defect, P(signal | defect) and the likelihood ratio against clean runs as exact " +
      "95 % intervals, a bound where nothing was seen. The same seeds give the same counts on any machine.",
  },
});
