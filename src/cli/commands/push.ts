import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { PushFlags } from "../run/push.ts";
import { json, onOff, store, tag } from "../store/flags.ts";
import { transferFlags } from "../transfer/flags.ts";

/** `apr push`: a model to a registry. */
export const push = buildCommand<PushFlags, [string, string], AprContext>({
  loader: lazy<PushFlags, [string, string]>(() => import("../run/push.ts")),
  parameters: {
    flags: {
      force: onOff("Replace a tag at the registry that has other content"),
      mountFrom: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        placeholder: "REPOSITORY",
        brief: "A repository of the same registry that may hold the blobs already (repeatable)",
      },
      ...transferFlags,
      store,
      json,
    },
    aliases: { f: "force" },
    positional: {
      kind: "tuple",
      parameters: [tag, { parse: String, placeholder: "REF", brief: "host[:port]/path/name[:tag]" }],
    },
  },
  docs: {
    brief: "Send a model to an OCI registry",
    customUsage: ["qwen:0.5b registry.example/models/qwen:0.5b", "qwen 127.0.0.1:5000/library/qwen"],
    fullDescription:
      "Blobs that the registry has are not sent; those that it has in another repository are mounted (--mount-from). " +
      "The manifest goes last, byte for byte, and is read back and compared. Given again, a push goes on where the registry lets it. " +
      "Logins are those of docker, podman and skopeo. " +
      "Exit codes: 0, 2 bad tag or REF, 3 no such tag, 4 a damaged blob, 5 the tag is there with other content or the trace " +
      "breaks the transfer contract, 6 the trace proves nothing, 7 disk, 10 network, 130 and 143 stopped.",
  },
});
