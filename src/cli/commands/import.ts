import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ImportFlags } from "../run/import.ts";
import { json, onOff, store, text } from "../store/flags.ts";

/** `apr import`: models into the store. */
export const importCommand = buildCommand<ImportFlags, string[], AprContext>({
  loader: lazy<ImportFlags, string[]>(() => import("../run/import.ts")),
  parameters: {
    flags: {
      as: text("TAG", "The tag (default: from the file's name)"),
      link: onOff("A hard link will do where blocks cannot be shared: file and blob are then one"),
      adopt: text("ollama|hf[=DIR]", "Register what another store holds, without copying"),
      store,
      json,
    },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        placeholder: "PATH",
        brief: "A .gguf or .safetensors file, one of several shards, an index, a folder, or - for stdin",
      },
    },
  },
  docs: {
    brief: "Bring models into the store",
    customUsage: [
      "model.gguf --as qwen:0.5b",
      "~/models/llama-3/ --link",
      "- --as tiny <tiny.gguf",
      "--adopt ollama",
      "--adopt hf=/mnt/cache/hub",
    ],
    fullDescription:
      "Shares the file's blocks where the file system can (no second copy), else copies once and hashes while it writes. " +
      "Exit codes: 0, 2 invalid tag, 3 not found, 4 no sound model, 5 the tag is there with other content, 7 disk.",
  },
});
