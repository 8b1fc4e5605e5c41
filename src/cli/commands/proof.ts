import { buildCommand, buildRouteMap } from "@stricli/core";
import { REPLAY_SAFETY_LEVELS } from "../../proof/types.ts";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { KeyFlags } from "../proof/keys.ts";
import type { KeygenFlags } from "../run/proof-keygen.ts";
import type { ProofRunFlags } from "../run/proof-run.ts";
import { json, text } from "../store/flags.ts";

const run = buildCommand<ProofRunFlags, [], AprContext>({
  loader: lazy<ProofRunFlags, []>(() => import("../run/proof-run.ts")),
  parameters: {
    flags: {
      objective: text("TEXT", "What the command is for"),
      out: text("DIR", "Where the bundle goes (default a new name in $XDG_STATE_HOME/apr/proofs)"),
      facts: text("FILE", "JSON: what was reserved, run elsewhere and not validated"),
      safety: {
        kind: "enum",
        values: REPLAY_SAFETY_LEVELS,
        default: "approval-required",
        brief: "Who may run it again",
      },
      json: { ...json, brief: "One JSON document on stdout; the command's output goes to stderr" },
    },
  },
  docs: {
    brief: "Run a command and record what it did",
    customUsage: ["--objective 'fix the parser' -- npm test"],
    fullDescription:
      "Writes a folder with the command, its output, the git state before and after, and how to do it again. " +
      "Secrets are taken out of all of it. The command gets no input. " +
      "Ends with the command's own exit code; 125 apr failed, 126 cannot execute, 127 no such program.",
  },
});

const folder = {
  kind: "tuple",
  parameters: [{ parse: String, placeholder: "DIR", brief: "A proof bundle or a crashpack" }],
} as const;

function key(brief: string): {
  readonly kind: "parsed";
  readonly parse: (input: string) => string;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: String, placeholder: "FILE", brief };
}

const sign = buildCommand<KeyFlags, [string], AprContext>({
  loader: lazy<KeyFlags, [string]>(() => import("../run/proof-sign.ts")),
  parameters: { flags: { key: key("The private key"), json }, positional: folder },
  docs: {
    brief: "Sign every file of a folder",
    customUsage: ["DIR --key NAME"],
    fullDescription:
      "Writes proof.dsse.json into the folder: an in-toto statement in a DSSE envelope, Ed25519.",
  },
});

const verify = buildCommand<KeyFlags, [string], AprContext>({
  loader: lazy<KeyFlags, [string]>(() => import("../run/proof-verify.ts")),
  parameters: { flags: { key: key("The public key that you trust"), json }, positional: folder },
  docs: {
    brief: "Check a folder's signature and every file of it",
    customUsage: ["DIR --key NAME.pub"],
    fullDescription:
      "Exit codes: 0 signed by this key and unchanged, 3 not there or not signed, 4 changed or damaged, 5 not signed by this key.",
  },
});

const keygen = buildCommand<KeygenFlags, [], AprContext>({
  loader: lazy<KeygenFlags, []>(() => import("../run/proof-keygen.ts")),
  parameters: {
    flags: {
      out: { ...key("Name of the private key; the public one gets .pub"), placeholder: "NAME" },
      json,
    },
  },
  docs: { brief: "Make an Ed25519 key pair", customUsage: ["--out NAME"] },
});

/** `apr proof`: what was done for a task, recorded and signed. */
export const proof = buildRouteMap({
  routes: { run, sign, verify, keygen },
  docs: { brief: "Record what was done for a task, and sign it" },
});
