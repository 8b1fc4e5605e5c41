import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { device } from "../device/flags.ts";
import { lazy } from "../lazy.ts";
import type { DevicesFlags } from "../run/devices.ts";
import { json, text } from "../store/flags.ts";

/** `apr devices`: what this machine can compute on. */
export const devices = buildCommand<DevicesFlags, [], AprContext>({
  loader: lazy<DevicesFlags, []>(() => import("../run/devices.ts")),
  parameters: {
    flags: {
      engine: text(
        "CMD",
        "Ask the same questions for an engine: llama-cli, python3, vllm, ollama, any program",
      ),
      device,
      json,
    },
  },
  docs: {
    brief: "Show the GPUs, or why there are none, for apr or for an engine",
    customUsage: ["", "--json", "--device cuda:1", "--engine llama-cli", "--engine python3"],
    fullDescription:
      "One line a backend: available, or the reason why not. --engine runs the engine to ask it, and judges its build " +
      "by contract gputrain-007. Exit codes: 0, 2 not a device word, 3 no such engine, 5 a stale build, " +
      "6 the build cannot be looked into, 14 the device of --device is not there.",
  },
});
