import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { VerifyFlags } from "../run/verify.ts";
import { json, store, tag, text } from "../store/flags.ts";

/** `apr verify`: hashes the store again. */
export const verify = buildCommand<VerifyFlags, string[], AprContext>({
  loader: lazy<VerifyFlags, string[]>(() => import("../run/verify.ts")),
  parameters: {
    flags: { repair: text("SOURCE", "Take good bytes from another store, a cache or a file"), store, json },
    positional: { kind: "array", parameter: tag },
  },
  docs: {
    brief: "Hash blobs again, on all cores",
    customUsage: ["", "qwen:0.5b", "--repair /mnt/usb/models"],
    fullDescription:
      "Without TAG: everything in the store. Exit codes: 0 all sound, 3 no such tag, 5 something is not.",
  },
});
