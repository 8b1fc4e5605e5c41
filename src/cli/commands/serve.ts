import { buildCommand, numberParser } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { ServeFlags } from "../run/serve.ts";
import { json, onOff, store, text } from "../store/flags.ts";

function parsePort(word: string): number {
  const port = numberParser(word);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new AprError("usage", `not a port from 0 to 65535: ${word}`);
}

function parseConnections(word: string): number {
  const count = numberParser(word);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new AprError("usage", `not a whole number from 1 to 10000: ${word}`);
}

/** `apr serve`: the store as a registry. */
export const serve = buildCommand<ServeFlags, [], AprContext>({
  loader: lazy<ServeFlags, []>(() => import("../run/serve.ts")),
  parameters: {
    flags: {
      host: {
        kind: "parsed",
        parse: String,
        default: "127.0.0.1",
        placeholder: "ADDRESS",
        brief: "Address to listen on",
      },
      port: {
        kind: "parsed",
        parse: parsePort,
        default: "5000",
        placeholder: "PORT",
        brief: "0 takes any free one",
      },
      write: onOff("Take pushes too; needs a token"),
      overwrite: onOff("With --write: a push may replace a tag that has other content"),
      private: onOff("Reading needs the token too"),
      tokenFile: text("FILE", "Holds the token (default: $APR_SERVE_TOKEN)"),
      tlsCert: text("FILE", "Certificate chain, PEM"),
      tlsKey: text("FILE", "Its private key, PEM"),
      name: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        placeholder: "HOST",
        brief: "Another name for this machine that requests on loopback may use (repeatable)",
      },
      maxConnections: {
        kind: "parsed",
        parse: parseConnections,
        default: "64",
        placeholder: "N",
        brief: "Connections at the same time",
      },
      quiet: onOff("No line for each request"),
      verbose: onOff("A line for each chunk too"),
      store,
      json,
    },
    positional: { kind: "tuple", parameters: [] },
  },
  docs: {
    brief: "Serve the store as an OCI registry, for apr, skopeo and other clients",
    customUsage: ["", "--host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem", "--write --token-file token"],
    fullDescription:
      "Read only unless --write. Listens on this machine alone unless told otherwise; a token needs TLS anywhere else. " +
      "Clients give the token as the password of any user, or as a bearer token. " +
      "With --json the first line of stdout is the one document: where it listens. " +
      "Ends at Ctrl-C or SIGTERM (130, 143), when the requests in progress have ended. " +
      "Other exit codes: 2 bad flags or token, 3 no such file, 4 bad certificate, 7 the port cannot be had.",
  },
});
