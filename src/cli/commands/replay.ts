import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ReplayFlags } from "../run/replay.ts";
import { json, onOff, text } from "../store/flags.ts";

const file = (what: string) => text("FILE", `The pack's ${what}, as its script names it`);

/** `apr replay`: a failure that was packed, run again. */
export const replay = buildCommand<ReplayFlags, [string?], AprContext>({
  loader: lazy<ReplayFlags, [string?]>(() => import("../run/replay.ts")),
  parameters: {
    flags: {
      minimize: onOff("Simulated runs: find the few choices that the failure needs, and pack them"),
      out: text("DIR", "Where the minimized pack goes: a new folder (default: among the kept packs)"),
      fault: text("ID", "Chaos packs: only this fault, such as 005"),
      allowExec: onOff("Chaos packs: run the command that the pack holds, in the sandbox"),
      traceFile: file("trace"),
      manifest: file("manifest"),
      journalDigest: file("digest of the journal"),
      evidenceLedger: file("ledger"),
      pathlog: file("log of paths"),
      quiclog: file("log of packets"),
      repairlog: file("log of repairs"),
      validateOracles: onOff("The results of the pack must be those of the oracles that are named"),
      oracle: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        placeholder: "NAME",
        brief: "An oracle whose result must be in the pack (repeatable)",
      },
      json,
    },
    aliases: { o: "out" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          optional: true,
          placeholder: "PACK",
          brief: "A pack's folder, its .tar.gz, or its name in the default folder",
        },
      ],
    },
  },
  docs: {
    brief: "Run a packed failure again, and compare",
    customUsage: [
      "pull-3f9c2b7a10de",
      "./pack --minimize -o ./small",
      "./chaos-pack --fault 005 --allow-exec",
    ],
    fullDescription:
      "The pack is cross-checked first. Simulated runs are played again from their choices, transfers on the recorded " +
      "answers of disk and network; both must reach the same trace byte for byte. A chaos pack holds somebody's command: " +
      "it is shown, and run only with --allow-exec. " +
      "Exit codes: 0 reproduced, 2 wrong words, 3 no such pack, 4 a damaged pack, 5 not reproduced, 6 not replayable here.",
  },
});
