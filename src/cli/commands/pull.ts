import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { PullFlags } from "../run/pull.ts";
import { json, onOff, store, text } from "../store/flags.ts";
import { from, transferFlags } from "../transfer/flags.ts";

/** `apr pull`: a model from wherever it is. */
export const pull = buildCommand<PullFlags, [string], AprContext>({
  loader: lazy<PullFlags, [string]>(() => import("../run/pull.ts")),
  parameters: {
    flags: {
      as: text("TAG", "The tag in the store (default: from the REF)"),
      from,
      force: onOff("Replace a tag that has other content"),
      ...transferFlags,
      store,
      json,
    },
    aliases: { f: "force" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, placeholder: "REF", brief: "What to pull: see above" }],
    },
  },
  docs: {
    brief: "Bring a model in from a registry, a hub, a server or a folder",
    customUsage: [
      "registry.example/models/qwen:0.5b --from /mnt/usb/models",
      "hf://org/repo/model-Q4_K_M.gguf",
      "https://example.org/tiny.gguf#sha256=… --as tiny",
      "qwen2.5:0.5b",
    ],
    fullDescription:
      "REF is name[:tag] or namespace/name[:tag] (Ollama's registry), host/path/name[:tag|@sha256:…] (an OCI registry), " +
      "hf://org/repo[@rev]/file, https://…[#sha256=…], a path, oci:PATH[:TAG] or store:PATH[:TAG]. " +
      "A pull that was stopped goes on where it stood when it is given again: see apr transfers. " +
      "Logins are those of docker, podman and skopeo; the token for Hugging Face is $HF_TOKEN or that of its own tools. " +
      "Exit codes: 0, 2 bad REF, 3 not found, 4 wrong bytes, 5 the tag is there with other content or the trace breaks the " +
      "transfer contract, 6 the trace proves nothing, 7 disk, 10 network, 130 and 143 stopped.",
  },
});
