import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { device } from "../device/flags.ts";
import { lazy } from "../lazy.ts";
import type { ConfigFlags } from "../run/config.ts";
import { json, store } from "../store/flags.ts";

/** `apr config`: every setting and who set it. */
export const config = buildCommand<ConfigFlags, [], AprContext>({
  loader: lazy<ConfigFlags, []>(() => import("../run/config.ts")),
  parameters: { flags: { device, store, json } },
  docs: {
    brief: "Show each setting and where it came from",
    customUsage: ["", "--json", "--device cuda:1"],
    fullDescription:
      "~/.config/apr/config.yaml, then apr.yaml in the working folder, then APR_* variables, then flags: the later wins. " +
      "Exit codes: 0, 2 a bad value, 4 a file that cannot be read as settings.",
  },
});
