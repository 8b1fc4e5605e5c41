import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ViewFlags } from "../run/view.ts";
import { json, text } from "../store/flags.ts";

export const view = buildCommand<ViewFlags, [string, string?], AprContext>({
  loader: lazy<ViewFlags, [string, string?]>(() => import("../run/view.ts")),
  parameters: {
    flags: {
      output: text("FILE", "Where to write the page (default: the name of PATH with .html, here)"),
      to: {
        kind: "enum",
        values: ["html", "markdown", "perfetto", "speedscope"],
        optional: true,
        brief:
          "Write it in this form (default: what FILE's ending says: .md, .trace.json, .speedscope.json; else html)",
      },
      force: { kind: "boolean", brief: "Replace a file that is there", default: false },
      json,
    },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, placeholder: "PATH", brief: "A crashpack, a --keep folder, a report or a store" },
        {
          parse: String,
          placeholder: "OTHER",
          brief: "A second out-of-memory report, to be compared",
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: "Make one HTML file of a piece of evidence, to be opened anywhere",
    customUsage: ["./apr-evidence", "pull-3f9c2b7a10de.tar.gz -o crash.html"],
    fullDescription:
      "No request leaves the page. Exit codes: 0, 3 nothing there, 4 no evidence, 5 the file exists.",
  },
});
