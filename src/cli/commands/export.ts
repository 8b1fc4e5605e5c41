import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ExportFlags } from "../run/export.ts";
import { json, onOff, store, tag } from "../store/flags.ts";

/** `apr export`: a model out of the store. */
export const exportCommand = buildCommand<ExportFlags, [string], AprContext>({
  loader: lazy<ExportFlags, [string]>(() => import("../run/export.ts")),
  parameters: {
    flags: {
      output: { kind: "parsed", parse: String, placeholder: "FILE|DIR", brief: "Where to write it" },
      format: {
        kind: "enum",
        values: ["file", "dir", "oci", "ollama"],
        optional: true,
        brief: "One file, its files by name, an OCI image layout, or an Ollama store (default: file or dir)",
      },
      force: onOff("Replace what is there"),
      link: onOff("A hard link will do: the file and the store's blob are then one"),
      store,
      json,
    },
    aliases: { o: "output", f: "force" },
    positional: { kind: "tuple", parameters: [tag] },
  },
  docs: {
    brief: "Write a model out of the store",
    customUsage: ["qwen:0.5b -o qwen.gguf", "llama -o llama/ --format dir", "qwen -o layout --format oci"],
    fullDescription:
      "Shares blocks where the file system can, else copies and checks the digest. The output appears whole or not at all. " +
      "Exit codes: 0, 2 invalid tag, 3 no such tag, 4 wrong bytes in the store, 5 the output exists, 7 disk.",
  },
});
