import { refuse } from "./refusal.ts";

/** What a file in a model's folder is for. */
export type FileRole = "weights" | "index" | "config" | "tokenizer" | "template" | "licence" | "readme";

/** A file that belongs to a model. */
export interface ModelFile {
  readonly name: string;
  readonly role: FileRole;
}

/** Which files hold the weights: an index with its shards, or one file. */
export type Weights =
  | { readonly kind: "index"; readonly index: string }
  | { readonly kind: "safetensors"; readonly file: string }
  | { readonly kind: "gguf"; readonly file: string };

const INDEX = /\.safetensors\.index\.json$/;
const SAFETENSORS = /\.safetensors$/;
const GGUF = /\.gguf$/;

/** Names that the usual tools write, first match counts. Everything else, such as training state, stays behind. */
const ROLES: readonly (readonly [RegExp, FileRole])[] = [
  [/^chat_template\.(?:jinja|json)$/, "template"],
  [/^(?:tokenizer|vocab|merges|special_tokens_map|added_tokens)[\w-]*\.(?:json|model|txt)$/, "tokenizer"],
  [/^(?:spiece|sentencepiece\.bpe)\.model$|\.tiktoken$/, "tokenizer"],
  [/^(?:config|[a-z_]+_config)\.json$/, "config"],
  [/^(?:LICEN[CS]E|NOTICE|USE_POLICY)(?:\.\w+)?$/i, "licence"],
  [/^README\.md$/i, "readme"],
];

/** Picks the files that hold the weights. What would have to be guessed is refused. */
export function pickWeights(names: readonly string[]): Weights {
  const index = pickOne(names, INDEX, "model.safetensors.index.json");
  if (index !== undefined) return { kind: "index", index };
  const safetensors = pickOne(names, SAFETENSORS, "model.safetensors");
  if (safetensors !== undefined) return { kind: "safetensors", file: safetensors };
  const gguf = pickOne(names, GGUF, "model.gguf");
  if (gguf !== undefined) return { kind: "gguf", file: gguf };
  throw refuse("missing-weights", "the folder has no .safetensors and no .gguf file");
}

/** The one name that matches, or the usual one of several. */
function pickOne(names: readonly string[], pattern: RegExp, usual: string): string | undefined {
  const found = names.filter((name) => pattern.test(name));
  if (found.length <= 1 || found.includes(usual)) return found.includes(usual) ? usual : found[0];
  const message = `the folder has ${found.length} files that could be the weights: ${found.slice(0, 3).join(", ")}`;
  throw refuse("ambiguous-weights", message);
}

/** The files that belong to the model: its weights, and what an engine needs beside them. Sorted by name. */
export function modelFiles(
  names: readonly string[],
  weights: Weights,
  shards: readonly string[],
): ModelFile[] {
  const files: ModelFile[] = shards.map((name) => ({ name, role: "weights" }));
  if (weights.kind === "index") files.push({ name: weights.index, role: "index" });
  for (const name of names) {
    const role = ROLES.find(([pattern]) => pattern.test(name))?.[1];
    if (role !== undefined) files.push({ name, role });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
