import { AprError } from "../../base/errors.ts";
import type { ModelFacts } from "../../model/facts.ts";
import { inspectFolder } from "../../model/folder.ts";
import { inspectFile } from "../../model/inspect.ts";
import type { OpenSource } from "../../model/folder-source.ts";
import { openModel } from "../../model/open.ts";
import type { Refusal } from "../../model/refusal.ts";
import type { ModelSummary } from "../../store/config.ts";
import type { DescribeModel } from "../../store/import.ts";
import { nodeFiles } from "../../world/node/files.ts";

const GGUF = /\.gguf$/i;

/** Reads the headers of a model's files, and refuses what is no model. */
export const describeModel: DescribeModel = async (files) => {
  const shards = files.filter(({ title }) => GGUF.test(title));
  if (shards.length > 1 && files.every(({ title }) => GGUF.test(title))) return describeGgufShards(shards);
  const [first] = files;
  if (files.length === 1 && first !== undefined) return summaryOf(await factsOfFile(first.path));
  const paths = new Map(files.map(({ title, path }) => [title, path]));
  const outcome = await inspectFolder({
    names: [...paths.keys()].sort(),
    open: (name) => openFile(paths.get(name) ?? ""),
  });
  if (outcome.kind === "refused") throw refusal(outcome, outcome.file ?? first?.path ?? "");
  return summaryOf(outcome.facts);
};

/** Every shard has a header of its own: the first says what the model is, and each counts its values. */
async function describeGgufShards(shards: readonly { readonly path: string }[]): Promise<ModelSummary> {
  let first: ModelFacts | null = null;
  let parameters = 0;
  for (const { path } of shards) {
    const facts = await factsOfFile(path);
    first ??= facts;
    parameters += Number(facts.parameters);
  }
  if (first === null) throw new AprError("malformed", "a model without files");
  return summaryOf({ ...first, parameters });
}

async function openFile(path: string): Promise<OpenSource | null> {
  const opened = await openModel(nodeFiles, path);
  return opened.kind === "file" ? opened.file : null;
}

async function factsOfFile(path: string): Promise<ModelFacts> {
  const open = await openFile(path);
  if (open === null) throw new AprError("malformed", `not a regular file: ${path}`, { fields: { path } });
  try {
    const outcome = await inspectFile(open.source);
    if (outcome.kind === "refused") throw refusal(outcome, path);
    return outcome.facts;
  } finally {
    await open.close();
  }
}

function refusal({ code, message }: Refusal, path: string): AprError {
  return new AprError("malformed", `not a sound model file: ${path}: ${message}`, { fields: { code, path } });
}

function summaryOf({ format, architecture, parameters, quantization }: ModelFacts): ModelSummary {
  return { format, family: architecture, parameters: shortCount(Number(parameters)), quantization };
}

/** As Ollama writes it: `7.2B`, `494.03M`, `12K`. */
function shortCount(count: number): string {
  if (count >= 1e12) return `${(count / 1e12).toFixed(1)}T`;
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)}B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)}M`;
  return count >= 1e3 ? `${Math.round(count / 1e3)}K` : String(count);
}
