import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { LsFlags } from "../run/ls.ts";
import { json, store } from "../store/flags.ts";

/** `apr ls`: every tag. */
export const ls = buildCommand<LsFlags, [], AprContext>({
  loader: lazy<LsFlags, []>(() => import("../run/ls.ts")),
  parameters: { flags: { store, json } },
  docs: {
    brief: "List the tags of the store",
    customUsage: ["", "--json", "--store /mnt/usb/models"],
    fullDescription:
      "Tag, digest, size, format, architecture, quantization, parameters and age; with --json a bare array. " +
      "A manifest that cannot be read is listed as such.",
  },
});
