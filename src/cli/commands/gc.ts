import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { GcFlags } from "../run/gc.ts";
import { json, onOff, store } from "../store/flags.ts";

/** `apr gc`: frees what no tag names. */
export const gc = buildCommand<GcFlags, [], AprContext>({
  loader: lazy<GcFlags, []>(() => import("../run/gc.ts")),
  parameters: { flags: { dryRun: onOff("Only say what would be freed, and why"), store, json } },
  docs: {
    brief: "Free blobs that no tag names",
    customUsage: ["", "--dry-run"],
    fullDescription:
      "Never runs by itself, and never takes a blob that work in progress names. " +
      "While a manifest cannot be read it deletes nothing (exit 4): that manifest may name any blob.",
  },
});
