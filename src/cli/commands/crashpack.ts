import { buildCommand, buildRouteMap } from "@stricli/core";
import type { AprContext, CommonFlags } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { VerifyPackFlags } from "../run/crashpack-verify.ts";
import { json, text } from "../store/flags.ts";

const pack = {
  parse: String,
  placeholder: "PACK",
  brief: "A pack's folder, its .tar.gz, or its name in the default folder",
} as const;

const list = buildCommand<CommonFlags, [string?], AprContext>({
  loader: lazy<CommonFlags, [string?]>(() => import("../run/crashpack-ls.ts")),
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          optional: true,
          placeholder: "FOLDER",
          brief: "Where packs are kept (default $XDG_STATE_HOME/apr/crashpacks, or ~/.local/state/…)",
        },
      ],
    },
  },
  docs: { brief: "List the packs of failing runs, the newest first", customUsage: ["", "./packs"] },
});

const show = buildCommand<CommonFlags, [string], AprContext>({
  loader: lazy<CommonFlags, [string]>(() => import("../run/crashpack-show.ts")),
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [pack] } },
  docs: {
    brief: "Show what a pack says: violations, seeds, files, and how to replay it",
    customUsage: ["./pack", "pull-3f9c2b7a10de"],
    fullDescription: "The pack is cross-checked first. Exit codes: 0, 3 no such pack, 4 damaged or no pack.",
  },
});

const verify = buildCommand<VerifyPackFlags, [string], AprContext>({
  loader: lazy<VerifyPackFlags, [string]>(() => import("../run/crashpack-verify.ts")),
  parameters: {
    flags: { archive: text("FILE", "When it is sound, also pack it as one new .tar.gz"), json },
    positional: { kind: "tuple", parameters: [pack] },
  },
  docs: {
    brief: "Check every file of a pack against every other",
    customUsage: ["./pack", "pack.tar.gz --json", "./pack --archive pack.tar.gz"],
    fullDescription:
      "Exit codes: 0 sound, 3 no such pack, 4 files disagree or cannot be read; each is named. " +
      "This detects damage; only a signature detects tampering.",
  },
});

/** `apr crashpack`: what failing runs left to be looked at, and run again. */
export const crashpack = buildRouteMap({
  routes: { ls: list, show, verify },
  docs: { brief: "List, show and verify the packs of failing runs" },
});
