import { buildApplication, run, text_en } from "@stricli/core";
import { AprError, EXIT } from "../base/errors.ts";
import { argv, environment, exitNow, isTerminal, writeAll } from "../world/node/stdio.ts";
import { COMPLETE, complete } from "./complete.ts";
import type { AprContext } from "./context.ts";
import { OWN_FAILURE, reportFailure } from "./failure.ts";
import { globalFlags, plainText, wantsPlain } from "./global-flags.ts";
import { routes } from "./routes.ts";
import { versionText } from "./version.ts";

const out = (text: string): void =>
  writeAll(1, json || !wantsPlain(env, isTerminal(1)) ? text : plainText(text));
const err = (text: string): void =>
  writeAll(2, json || !wantsPlain(env, isTerminal(2)) ? text : plainText(text));

// Nothing after the first `--` is ours: it is cut off before anything looks for flags.
const cut = argv.indexOf("--");
const { words: own, settings } = globalFlags(cut === -1 ? argv : argv.slice(0, cut));
const env = { ...environment, ...settings };
const json = own.includes("--json");

/** Their exit code is the program's: a 2 of apr's own could not be told from it. */
const RUNS_A_PROGRAM: ReadonlySet<string> = new Set(["run", "exec"]);

async function main(): Promise<number> {
  if (own.includes("--version") && own.every((word) => word === "--version" || word === "--json")) {
    return printVersion();
  }
  const usage: string[] = [];
  const context = contextWith((text) => void usage.push(text));
  if (own[0] === COMPLETE) {
    await complete(application, context);
    return EXIT.ok;
  }
  await run(application, own, context);
  const code = Number(context.process.exitCode ?? EXIT.ok);
  if (code >= 0) return code;
  // Stricli's own codes are negative: everything it refuses is a usage error.
  const message = usage
    .join("")
    .trim()
    .replace(/\s*\n\s*/g, "; ");
  throw new AprError("usage", message === "" ? "cannot read this command line" : message, {
    hint: "apr --help",
  });
}

function contextWith(complain: (text: string) => void): AprContext {
  return {
    process: {
      stdout: { write: out },
      stderr: { write: complain, getColorDepth: () => (isTerminal(2) ? 4 : 1) },
      env,
    },
    command: cut === -1 ? undefined : argv.slice(cut + 1),
    out,
    err,
    env,
  };
}

async function printVersion(): Promise<number> {
  if (json) return (await import("./run/version.ts")).version(contextWith(err));
  out(versionText());
  return EXIT.ok;
}

const application = buildApplication(routes, {
  name: "apr",
  scanner: { caseStyle: "allow-kebab-for-camel" },
  documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
  localization: { text: text_en },
});

// Everything is written by now: `writeAll` does not come back before.
main().then(exitNow, (error: unknown) => {
  let code: number = EXIT.io;
  try {
    const [command = ""] = own;
    code = reportFailure(error, json, { out, err }, RUNS_A_PROGRAM.has(command) ? OWN_FAILURE : undefined);
  } catch {
    // Even the message could not be written: the code is all that is left.
  }
  exitNow(code);
});
