import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { CpFlags } from "../run/cp.ts";
import { json, store, tag } from "../store/flags.ts";

/** `apr cp`: a second tag for the same blobs. */
export const cp = buildCommand<CpFlags, [string, string], AprContext>({
  loader: lazy<CpFlags, [string, string]>(() => import("../run/cp.ts")),
  parameters: {
    flags: { store, json },
    positional: {
      kind: "tuple",
      parameters: [
        { ...tag, placeholder: "SRC" },
        { ...tag, placeholder: "DST" },
      ],
    },
  },
  docs: {
    brief: "Copy a tag; no byte of the model is copied",
    customUsage: ["qwen:0.5b qwen:before-tuning"],
    fullDescription:
      "Checks that every blob is in its place and writes one manifest, last. " +
      "Exit codes: 0, 2 invalid tag, 3 no such tag, 4 empty manifest, 5 the new tag is there already.",
  },
});
