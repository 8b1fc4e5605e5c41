import { buildCommand } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { WatchFlags } from "../run/watch.ts";
import { json, onOff, store } from "../store/flags.ts";

/** Quicker looks would themselves be the load that is seen. */
const LEAST_EVERY_MS = 100;

export const watch = buildCommand<WatchFlags, [], AprContext>({
  loader: lazy<WatchFlags, []>(() => import("../run/watch.ts")),
  parameters: {
    flags: {
      once: onOff("Look once, and end"),
      every: {
        kind: "parsed",
        parse: (word: string): number => {
          const ms = parseDuration(word);
          if (ms >= LEAST_EVERY_MS) return ms;
          throw new AprError("usage", `--every is at least ${LEAST_EVERY_MS}ms`);
        },
        default: "1s",
        placeholder: "TIME",
        brief: "Between two looks",
      },
      store,
      json,
    },
    positional: { kind: "tuple", parameters: [] },
  },
  docs: {
    brief: "Show running transfers and commands of apr as they go on",
    customUsage: ["", "--every 5s", "--once", "--json"],
    fullDescription: "Ends with Ctrl-C (130). With --json and --once it looks once and exits 0.",
  },
});
