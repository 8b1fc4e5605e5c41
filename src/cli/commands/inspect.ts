import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { InspectFlags } from "../run/inspect.ts";

const flag = { kind: "boolean", default: false, withNegated: false } as const;

/** `apr inspect`: what a model file says of itself. */
export const inspect = buildCommand<InspectFlags, [string], AprContext>({
  loader: lazy<InspectFlags, [string]>(() => import("../run/inspect.ts")),
  parameters: {
    flags: {
      tensors: { ...flag, brief: "List every tensor with type, shape, size and place" },
      json: { ...flag, brief: "One JSON document on stdout" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, placeholder: "FILE", brief: "A .gguf or .safetensors file, or a model's folder" },
      ],
    },
  },
  docs: {
    brief: "Show what a model file says of itself",
    customUsage: ["tiny.gguf", "model.safetensors --tensors", "my-model/ --json"],
    fullDescription:
      "Reads the header only, exactly: GGUF 1 to 3 of either byte order, safetensors, and folders of sharded safetensors. " +
      "What the file does not state is listed as missing, never guessed. " +
      "Exit codes: 0, 3 nothing there, 4 refused: a header that is cut, lies about the file, or contradicts itself.",
  },
});
