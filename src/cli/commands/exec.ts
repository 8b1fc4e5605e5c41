import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { device } from "../device/flags.ts";
import { lazy } from "../lazy.ts";
import type { ExecFlags } from "../run/exec.ts";
import { onOff, store, tag, text } from "../store/flags.ts";

/** `apr exec`: any engine on a model of the store. */
export const exec = buildCommand<ExecFlags, [string], AprContext>({
  loader: lazy<ExecFlags, [string]>(() => import("../run/exec.ts")),
  parameters: {
    flags: {
      device,
      report: text("FILE", "Write a JSON document about the run"),
      store,
      json: onOff("One JSON document on stdout when the program could not be started"),
    },
    positional: { kind: "tuple", parameters: [tag] },
  },
  docs: {
    brief: "Run any program on a model of the store",
    customUsage: ["qwen:0.5b -- llama-cli -m {model} -p hello"],
    fullDescription:
      "{model} becomes a path that may only be read: the blob itself, or a folder of a model's files. " +
      "--device has the program see that device alone. " +
      "Ends with the program's own exit code; 125 apr failed, 126 cannot execute, 127 no such program, " +
      "2 not a device word, 14 the device is not there.",
  },
});
