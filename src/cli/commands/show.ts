import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ShowFlags } from "../run/show.ts";
import { json, store, tag } from "../store/flags.ts";

/** `apr show`: one tag. */
export const show = buildCommand<ShowFlags, [string], AprContext>({
  loader: lazy<ShowFlags, [string]>(() => import("../run/show.ts")),
  parameters: { flags: { store, json }, positional: { kind: "tuple", parameters: [tag] } },
  docs: {
    brief: "Show a tag: its model, its manifest and its blobs",
    customUsage: ["qwen:0.5b", "hf.co/owner/name:q4 --json"],
    fullDescription: "Exit codes: 0, 2 invalid tag, 3 no such tag, 4 its manifest cannot be read.",
  },
});
