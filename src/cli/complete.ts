import { type Application, proposeCompletions } from "@stricli/core";
import type { AprContext } from "./context.ts";

/** What the shell scripts of `apr completion` call: `apr __complete -- WORDS`, the last word unfinished. */
export const COMPLETE = "__complete";

/** One proposal a line, a tab and a description behind it. Never an error: a shell would print it into the prompt. */
export async function complete(application: Application<AprContext>, context: AprContext): Promise<void> {
  const words = context.command ?? [];
  // What follows a `--` is another program's: the shell proposes files there.
  if (words.slice(0, -1).includes("--")) return;
  try {
    const found = await proposeCompletions(application, words, inStoreOf(words, context));
    const flags = words.at(-1)?.startsWith("-") === true;
    const lines = found
      .filter(({ kind, completion }) => (flags || kind !== "argument:flag") && completion !== "--")
      .map(({ completion, brief }) => `${completion}\t${brief}\n`);
    context.out([...new Set(lines)].join(""));
  } catch {
    // Nothing to propose.
  }
}

/** A `--store` that was typed says whose tags are meant. */
function inStoreOf(words: readonly string[], context: AprContext): AprContext {
  const at = words.findIndex((word) => word === "--store" || word.startsWith("--store="));
  const word = words[at];
  const told = word === "--store" ? words[at + 1] : word?.slice("--store=".length);
  if (told === undefined || told === "") return context;
  // The shell has not expanded it yet.
  const path = told.replace(/^~(?=\/|$)/, context.env["HOME"] ?? "~");
  return { ...context, env: { ...context.env, APR_MODELS: path } };
}
