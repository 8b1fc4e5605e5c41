import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { InspectFlags } from "../run/inspect.ts";
import { json, onOff, store, tagsProposed } from "../store/flags.ts";

/** `apr inspect`: what a model file says of itself. */
export const inspect = buildCommand<InspectFlags, [string], AprContext>({
  loader: lazy<InspectFlags, [string]>(() => import("../run/inspect.ts")),
  parameters: {
    flags: {
      tensors: onOff("List every tensor with type, shape, size and place"),
      blobPath: onOff("Print only where the tag's blobs lie, one path a line"),
      store,
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "FILE|TAG",
          brief: "A .gguf or .safetensors file, a model's folder, or a tag of the store",
          ...tagsProposed,
        },
      ],
    },
  },
  docs: {
    brief: "Show what a model file says of itself",
    customUsage: ["tiny.gguf", "model.safetensors --tensors", "my-model/ --json", "qwen:0.5b --blob-path"],
    fullDescription:
      "Reads the header only, exactly: GGUF 1 to 3 of either byte order, safetensors, and folders of sharded safetensors. " +
      "What lies on the disk under this name comes first, then the tag. " +
      "What the file does not state is listed as missing, never guessed. " +
      "Exit codes: 0, 3 nothing there, 4 refused: a header that is cut, lies about the file, or contradicts itself.",
  },
});
