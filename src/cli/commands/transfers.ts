import { buildCommand, buildRouteMap } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { AbortFlags } from "../run/transfers-abort.ts";
import type { ResumeFlags } from "../run/transfers-resume.ts";
import { json, onOff, store } from "../store/flags.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { from, transferFlags } from "../transfer/flags.ts";

const id = {
  parse: String,
  placeholder: "ID",
  brief: "As apr transfers ls shows it; its beginning will do",
} as const;

const list = buildCommand<StoreFlags, [], AprContext>({
  loader: lazy<StoreFlags, []>(() => import("../run/transfers-ls.ts")),
  parameters: { flags: { store, json }, positional: { kind: "tuple", parameters: [] } },
  docs: { brief: "List transfers that were stopped, and those that are running" },
});

const resume = buildCommand<ResumeFlags, [string], AprContext>({
  loader: lazy<ResumeFlags, [string]>(() => import("../run/transfers-resume.ts")),
  parameters: {
    flags: { from, force: onOff("Replace a tag that has other content"), ...transferFlags, store, json },
    positional: { kind: "tuple", parameters: [id] },
  },
  docs: {
    brief: "Go on with a pull that was stopped",
    customUsage: ["3f9c", "3f9c --from /mnt/usb/models"],
    fullDescription:
      "The same as giving the pull again. With --from it goes on also when its first source is gone. " +
      "A push is gone on with by giving it again. Exit codes as for apr pull; 3 no such transfer.",
  },
});

const abort = buildCommand<AbortFlags, string[], AprContext>({
  loader: lazy<AbortFlags, string[]>(() => import("../run/transfers-abort.ts")),
  parameters: {
    flags: { all: onOff("Every one that nobody works on"), store, json },
    positional: { kind: "array", parameter: id },
  },
  docs: { brief: "Clear stopped transfers away, and what came of them" },
});

/** `apr transfers`: what is unfinished. */
export const transfers = buildRouteMap({
  routes: { ls: list, resume, abort },
  docs: { brief: "Look at unfinished transfers, go on with them, or clear them away" },
});
