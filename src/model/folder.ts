import { intOf } from "../base/ints.ts";
import { isJsonObject, type JsonObject, parseJson } from "../base/json.ts";
import { AprError } from "../base/errors.ts";
import type { ModelFacts, Note } from "./facts.ts";
import { type ModelFile, modelFiles, pickWeights, type Weights } from "./folder-files.ts";
import { type FolderOptions, type ModelFolder, named, withFile } from "./folder-source.ts";
import { inspectFile } from "./inspect.ts";
import { MAX_CONFIG_BYTES, MAX_FOLDER_NAMES } from "./limits.ts";
import { outcomeOf, type Refusal, refuse, unlessRefused } from "./refusal.ts";
import { safetensorsFacts } from "./safetensors-facts.ts";
import { readShardIndex } from "./safetensors-index.ts";
import { readShards } from "./shards.ts";
import type { ByteSource } from "./source.ts";
import type { Tensor } from "./tensor.ts";
import { decode } from "./text.ts";

/** A folder that was understood. Tensors are listed only where they were asked for. */
export interface InspectedFolder {
  readonly kind: "inspected";
  readonly facts: ModelFacts;
  readonly tensors: readonly Tensor[];
  /** The files that belong to the model. */
  readonly files: readonly ModelFile[];
}

/** Reads the headers of all files of a model, and checks them against each other. */
export function inspectFolder(
  folder: ModelFolder,
  options: FolderOptions = {},
): Promise<InspectedFolder | Refusal> {
  return outcomeOf(async () => {
    if (folder.names.length > MAX_FOLDER_NAMES) {
      throw refuse("too-many", `the folder has more than ${MAX_FOLDER_NAMES} files`);
    }
    const weights = pickWeights(folder.names);
    if (weights.kind === "gguf") return inspectGguf(folder, weights);
    const { config, notes } = await readConfig(folder);
    const shards = await readShards(await sharding(folder, weights), folder, options);
    const facts = safetensorsFacts({
      totals: shards.totals,
      metadata: shards.metadata,
      config,
      headerBytes: intOf(shards.headerBytes),
      sizeBytes: intOf(shards.sizeBytes),
      weightFiles: shards.names,
      notes: [...notes, ...shards.notes],
    });
    const files = modelFiles(folder.names, weights, shards.names);
    return { kind: "inspected", facts, tensors: shards.tensors, files };
  });
}

async function inspectGguf(
  folder: ModelFolder,
  weights: Weights & { kind: "gguf" },
): Promise<InspectedFolder> {
  const { file } = weights;
  const inspected = await withFile(folder, file, "missing-weights", (source) => inspectFile(source));
  const { facts, tensors } = named(inspected, file);
  const files = modelFiles(folder.names, weights, [file]);
  return { kind: "inspected", facts: { ...facts, weight_files: [file] }, tensors, files };
}

async function sharding(
  folder: ModelFolder,
  weights: Weights & { kind: "index" | "safetensors" },
): Promise<Parameters<typeof readShards>[0]> {
  if (weights.kind === "safetensors") return { shards: [weights.file], weightMap: null, totalSize: null };
  return named(await withFile(folder, weights.index, "missing-weights", readShardIndex), weights.index);
}

/** A `config.json` that cannot be read takes facts away, but the weights are what they are: a note says so. */
async function readConfig(folder: ModelFolder): Promise<{ config: JsonObject | null; notes: Note[] }> {
  const open = await folder.open("config.json");
  if (open === null) return { config: null, notes: [] };
  try {
    return { config: await parseConfig(open.source), notes: [] };
  } catch (error) {
    if (!(error instanceof AprError)) throw error;
    return { config: null, notes: [{ code: "config-unreadable", message: `config.json: ${error.message}` }] };
  } finally {
    await open.close();
  }
}

async function parseConfig(source: ByteSource): Promise<JsonObject> {
  if (source.sizeBytes > MAX_CONFIG_BYTES) {
    throw new AprError("malformed", `larger than ${MAX_CONFIG_BYTES} bytes`);
  }
  const { text, exact } = decode(unlessRefused(await source.read(0, source.sizeBytes)));
  const config = exact ? parseJson(text) : null;
  if (!isJsonObject(config)) throw new AprError("malformed", exact ? "no JSON object" : "not UTF-8");
  return config;
}
