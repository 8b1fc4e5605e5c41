import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import type { Feature } from "../doctor/check.ts";
import { lazy } from "../lazy.ts";
import type { DoctorFlags } from "../run/doctor.ts";
import { json, store } from "../store/flags.ts";

const FEATURES: readonly Feature[] = ["store", "transfers", "chaos", "oom", "gpu"];

/** `apr doctor`: what apr needs and can use here. */
export const doctor = buildCommand<DoctorFlags, [], AprContext>({
  loader: lazy<DoctorFlags, []>(() => import("../run/doctor.ts")),
  parameters: {
    flags: {
      for: { kind: "enum", values: FEATURES, optional: true, brief: "What the machine must be ready for" },
      store,
      json,
    },
  },
  docs: {
    brief: "Check what apr needs and can use on this machine, and how to mend it",
    customUsage: ["", "--for chaos", "--for gpu --json"],
    fullDescription:
      "Each check has a gate's verdict, and where it does not pass the command that mends it. Nothing is changed. " +
      "Exit codes: 0, 5 what the feature of --for cannot do without is missing, 6 it could not be told.",
  },
});
