import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import type { ModelFacts } from "../../model/facts.ts";
import { type Change, fit, type Fit } from "../../oom/fit/advice.ts";
import type { KvType } from "../../oom/fit/kv.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext, Run } from "../context.ts";
import { taggedModel } from "../inspect/named.ts";
import { inspectPath } from "../inspect/path.ts";
import { inspectTag } from "../inspect/tag.ts";
import { fitText } from "../oom/fit-text.ts";
import type { StoreFlags } from "../store/store-flags.ts";

export interface OomFitFlags extends StoreFlags {
  readonly context: number;
  readonly memory?: number;
  readonly gpuLayers?: number;
  readonly batch: number;
  readonly kvType: KvType;
}

const NO_TENSORS = { tensors: false } as const;

export const run: Run<OomFitFlags, [string]> = async (context, flags, word) => {
  const facts = await factsOf(context, flags, word);
  const { context: contextTokens, gpuLayers, batch, kvType } = flags;
  const found = fit(facts, { contextTokens, gpuLayers, batch, kvType }, flags.memory ?? null);
  context.out(
    flags.json
      ? `${stringifyJson(document(word, flags, found))}\n`
      : fitText({ name: word, contextTokens, gpuLayers, memoryBytes: flags.memory ?? null }, found),
  );
  if (flags.memory === undefined || found.fits === true) return EXIT.ok;
  return found.fits === false ? EXIT.failed : EXIT.inconclusive;
};

async function factsOf(context: AprContext, flags: OomFitFlags, word: string): Promise<ModelFacts> {
  const model = await taggedModel(context, flags, word);
  const { facts } = await (model === null
    ? inspectPath(nodeFiles, word, NO_TENSORS)
    : inspectTag(model, NO_TENSORS));
  const part = facts.notes.find(({ code }) => code === "one-of-several-files");
  if (part !== undefined) {
    throw new AprError("malformed", `${word}: ${part.message}`, {
      hint: "weights in several GGUF files cannot be summed up yet: join them with llama-gguf-split --merge",
      fields: { path: word, code: part.code },
    });
  }
  return facts;
}

function document(model: string, flags: OomFitFlags, found: Fit): JsonObject {
  const { prediction } = found;
  return {
    model,
    context_tokens: flags.context,
    gpu_layers: flags.gpuLayers ?? null,
    batch: flags.batch,
    kv_type: flags.kvType,
    memory_bytes: flags.memory ?? null,
    weights_bytes: prediction.weightsBytes,
    kv_bytes: prediction.kvBytes,
    overhead_bytes: prediction.overheadBytes,
    total_bytes: prediction.totalBytes,
    gpu_bytes: prediction.gpuBytes,
    fits: found.fits,
    longest_context: found.longestContext,
    changes: found.changes.map(changeJson),
    missing: [...prediction.missing],
    assumptions: [...prediction.assumptions],
  };
}

function changeJson(change: Change): JsonObject {
  switch (change.kind) {
    case "context":
      return { kind: change.kind, context_tokens: change.contextTokens, bytes: change.bytes };
    case "kv-type":
      return { kind: change.kind, kv_type: change.kvType, bytes: change.bytes };
    case "quantization":
      return {
        kind: change.kind,
        quantization: change.label,
        bits_per_weight: change.bitsPerWeight,
        bytes: change.bytes,
      };
    case "gpu-layers":
      return { kind: change.kind, gpu_layers: change.gpuLayers, bytes: change.bytes };
    case "batch":
      return { kind: change.kind, batch: change.batch, bytes: change.bytes };
  }
}
