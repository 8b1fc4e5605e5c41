import { AprError, asAprError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import type { ModelFacts } from "../../model/facts.ts";
import { availableMemory } from "../../observe/available.ts";
import { decideGuard, type GuardOutcome, type GuardQuestion, refuses } from "../../oom/guard.ts";
import { predict } from "../../oom/fit/predict.ts";
import { withModelPath } from "../../store/model-path.ts";
import { parseRef } from "../../store/ref.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { systemFiles } from "../../world/node/system-files.ts";
import type { AprContext } from "../context.ts";
import { inspectPath, isThere } from "../inspect/path.ts";
import { inspectTag, modelOfTag } from "../inspect/tag.ts";
import type { RunFlags } from "./run-flags.ts";
import { absolute, existingStore } from "../store/open.ts";

type Argv = readonly [string, ...string[]];
type Start = (argv: Argv, guard: GuardOutcome | null) => Promise<number>;

/** Tokens of context unless told: what llama.cpp and Ollama take by themselves. */
const DEFAULT_CONTEXT_TOKENS = 4096;
const MODEL_FILE = /\.(?:gguf|safetensors)$/i;

/** Puts the model's path in the place of `{model}`, asks the guard where it is wanted, and then starts the program. */
export async function withModel(
  context: AprContext,
  flags: RunFlags,
  argv: Argv,
  start: Start,
): Promise<number> {
  const word = flags.model ?? argv.slice(1).find((each) => MODEL_FILE.test(each));
  if (word === undefined) {
    const guard = decide(flags, {
      facts: null,
      why: "no model is named, so its size is not known: use --model",
    });
    return startUnless(context, guard, argv, start);
  }
  const path = absolute(word);
  if (await isThere(nodeFiles, path)) {
    const guard = flags.guard
      ? decide(flags, await factsOf(() => inspectPath(nodeFiles, path, NO_TENSORS)))
      : null;
    return startUnless(context, guard, placed(argv, path), start);
  }
  const store = await existingStore(context, flags);
  const ref = parseRef(word);
  const model = await modelOfTag(store, ref);
  const guard = flags.guard ? decide(flags, await factsOf(() => inspectTag(model, NO_TENSORS))) : null;
  return withModelPath(store, ref, (at) => startUnless(context, guard, placed(argv, at), start));
}

const NO_TENSORS = { tensors: false } as const;

function placed([program, ...args]: Argv, path: string): Argv {
  const at = (word: string): string => word.replaceAll("{model}", () => path);
  return [at(program), ...args.map(at)];
}

interface Known {
  readonly facts: ModelFacts | null;
  readonly why?: string;
}

async function factsOf(inspect: () => Promise<{ readonly facts: ModelFacts }>): Promise<Known> {
  try {
    const { facts } = await inspect();
    return { facts };
  } catch (error) {
    return { facts: null, why: `the model cannot be read: ${asAprError(error).message}` };
  }
}

function decide(flags: RunFlags, { facts, why }: Known): GuardOutcome {
  const contextTokens = flags.context ?? DEFAULT_CONTEXT_TOKENS;
  if (!Number.isSafeInteger(contextTokens) || contextTokens < 1) {
    throw new AprError("usage", `not a number of tokens: ${contextTokens}`, {
      hint: "such as --context 8192",
    });
  }
  const available = availableMemory(systemFiles) ?? null;
  const prediction = facts === null ? null : predict(facts, { contextTokens });
  const missing = prediction?.missing ?? [];
  const question: GuardQuestion = {
    predictedBytes: prediction === null || missing.length > 0 ? null : prediction.totalBytes,
    assumptions: prediction?.assumptions ?? [],
    available,
    why: why ?? `the model does not state ${missing.join(", ")}, so its cache cannot be predicted`,
    force: flags.force,
  };
  return decideGuard(question, formatBytes);
}

function startUnless(
  context: AprContext,
  guard: GuardOutcome | null,
  argv: Argv,
  start: Start,
): Promise<number> {
  if (guard === null) return start(argv, null);
  if (refuses(guard)) {
    throw new AprError("inconclusive", `not started: ${guard.finding}`, {
      hint: "free memory, use a smaller model or --context, or start it all the same with --force",
      fields: { guard: guard.verdict },
    });
  }
  if (guard.verdict !== "fits") context.err(`apr: started by --force: ${guard.finding}\n`);
  return start(argv, guard);
}
