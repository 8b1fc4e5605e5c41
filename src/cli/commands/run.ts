import { buildCommand, numberParser } from "@stricli/core";
import { parseDuration } from "../../base/units.ts";
import type { AprContext } from "../context.ts";
import { device } from "../device/flags.ts";
import { lazy } from "../lazy.ts";
import type { RunFlags } from "../oom/run-flags.ts";
import { onOff, store, text } from "../store/flags.ts";

/** `apr run`: any program under watch. */
export const runCommand = buildCommand<RunFlags, [], AprContext>({
  loader: lazy<RunFlags, []>(() => import("../run/run.ts")),
  parameters: {
    flags: {
      report: text("FILE", "Write a JSON document about the run"),
      reportDir: text("DIR", "A second copy of an out-of-memory report goes there"),
      strictExit: onOff("Exit 5 when a program met an out-of-memory and still ended with 0"),
      pytorch: onOff("Have PyTorch record its memory and dump a snapshot when the GPU's is out"),
      nodeReport: {
        kind: "boolean",
        optional: true,
        brief: "Have Node write its own report on a fatal error (default: for programs that are Node's)",
      },
      noStderr: onOff("Leave the program its stderr as it is; its words then tell nothing"),
      guard: onOff("Do not start what is predicted to take over 80 % of the memory there is"),
      model: text("TAG|FILE", "The model that CMD loads: for --guard, and for {model} in CMD"),
      context: {
        kind: "parsed",
        parse: numberParser,
        optional: true,
        placeholder: "TOKENS",
        brief: "Tokens of context that CMD will use, for --guard (default 4096)",
      },
      requireGpu: onOff("Fail with exit 15 unless half of the model's bytes come into GPU memory in time"),
      gpuDeadline: {
        kind: "parsed",
        parse: parseDuration,
        default: "30s",
        placeholder: "TIME",
        brief: "How long --require-gpu waits for that",
      },
      device,
      force: onOff("Start all the same when the guard refuses; it is recorded"),
      store,
      json: onOff("One JSON document on stdout when the program could not be started"),
    },
  },
  docs: {
    brief: "Run any program under watch; explain it when it runs out of memory",
    customUsage: [
      "-- python3 train.py",
      "--pytorch --report-dir ./reports -- python3 train.py",
      "--guard --model qwen:0.5b -- llama-cli -m {model} -p hello",
    ],
    fullDescription:
      "Both streams are the program's own; one line on stderr names the report when it ran out of memory. " +
      "Ends with the program's own exit code; 125 apr failed, 126 cannot execute, 127 no such program, " +
      "2 not a device word, 14 the device is not there, 15 the model was not seen in GPU memory.",
  },
});
