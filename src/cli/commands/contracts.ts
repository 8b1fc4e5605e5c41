import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ContractsFlags } from "../run/contracts.ts";

/** `apr contracts`: what every gate asks for. */
export const contracts = buildCommand<ContractsFlags, [string?], AprContext>({
  loader: lazy<ContractsFlags, [string?]>(() => import("../run/contracts.ts")),
  parameters: {
    flags: {
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON document on stdout" },
      schema: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "JSON Schema of the evidence of ID",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: (input: string) => input, optional: true, placeholder: "ID", brief: "A contract or a gate" },
      ],
    },
  },
  docs: {
    brief: "Show the contracts and their gates",
    customUsage: ["", "F-CHAOS-005", "apr-qa-chaos-v1 --json", "F-CHAOS-005 --schema"],
    fullDescription: "Every gate with its rule and its evidence. Exit codes: 0, 2 no such contract or gate.",
  },
});
