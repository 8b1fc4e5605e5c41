import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { RmFlags } from "../run/rm.ts";
import { json, onOff, store, tag } from "../store/flags.ts";

/** `apr rm`: tags go, blobs stay until `apr gc`. */
export const rm = buildCommand<RmFlags, string[], AprContext>({
  loader: lazy<RmFlags, string[]>(() => import("../run/rm.ts")),
  parameters: {
    flags: { dryRun: onOff("Only say what would go"), store, json },
    positional: { kind: "array", parameter: tag, minimum: 1 },
  },
  docs: {
    brief: "Remove tags; apr gc then frees what nothing names",
    customUsage: ["qwen:old", "a b:1 c:2 --dry-run"],
    fullDescription:
      "All tags must be there, or none is removed. Exit codes: 0, 2 invalid tag, 3 no such tag.",
  },
});
