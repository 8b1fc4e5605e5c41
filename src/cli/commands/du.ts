import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { DuFlags } from "../run/du.ts";
import { json, store } from "../store/flags.ts";

/** `apr du`: what the store takes. */
export const du = buildCommand<DuFlags, [], AprContext>({
  loader: lazy<DuFlags, []>(() => import("../run/du.ts")),
  parameters: { flags: { store, json } },
  docs: {
    brief: "Show what the store takes, shares and saves",
    customUsage: ["", "--json"],
    fullDescription:
      "Real bytes on the disk, bytes that tags share, and what a copy for every tag would take more.",
  },
});
