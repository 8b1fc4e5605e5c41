import { AprError } from "../base/errors.ts";
import { MAX_FOLDER_ENTRIES, MAX_MODEL_FILES } from "./limits.ts";
import type { ModelPart } from "./import.ts";
import { MEDIA } from "./manifest.ts";
import { nameFrom } from "./ref.ts";
import type { StoreWorld } from "./store.ts";

/** What a path stands for, and the name that it suggests. */
export interface FoundModel {
  readonly name: string;
  readonly parts: readonly ModelPart[];
}

const WEIGHTS = /\.(gguf|safetensors)$/i;
/** One file of several: `name-00001-of-00003.gguf`. */
const SHARD = /^(.*)-(\d{5})-of-(\d{5})\.(gguf|safetensors)$/i;
const INDEX = /^(.*)\.safetensors\.index\.json$/i;
const MAX_DEPTH = 8;

/** Finds the files of the model at a path: one file, all shards of one, or a folder. */
export async function findModel(world: StoreWorld, path: string): Promise<FoundModel> {
  const real = await realPathOf(world, path);
  const kind = (await world.files.facts(real))?.kind;
  const name = baseName(path);
  if (kind === "folder") return folderModel(world, real, baseName(real));
  if (kind !== "file")
    throw new AprError("malformed", `neither a file nor a folder: ${path}`, { fields: { path } });
  const folder = path.slice(0, path.length - name.length);
  const shard = SHARD.exec(name);
  if (shard !== null) return shardedModel(world, folder, shard);
  const index = INDEX.exec(name);
  if (index !== null) return indexedModel(world, folder, name, index[1] ?? "");
  return { name: nameFrom(name.replace(WEIGHTS, "")), parts: [partOf(path, name)] };
}

async function shardedModel(world: StoreWorld, folder: string, shard: RegExpExecArray): Promise<FoundModel> {
  const [, stem = "", , count = "", extension = ""] = shard;
  if (Number(count) < 1 || Number(count) > MAX_MODEL_FILES) {
    throw new AprError("malformed", `a model of ${Number(count)} shards`, { fields: { stem } });
  }
  const parts: ModelPart[] = [];
  for (let number = 1; number <= Number(count); number++) {
    const title = `${stem}-${String(number).padStart(5, "0")}-of-${count}.${extension}`;
    if ((await world.files.facts(`${folder}${title}`)) === null) {
      throw new AprError("not-found", `a shard is missing: ${folder}${title}`, {
        fields: { path: folder + title },
      });
    }
    parts.push(partOf(`${folder}${title}`, title));
  }
  const index = `${stem}.safetensors.index.json`;
  if ((await world.files.facts(`${folder}${index}`)) !== null) parts.push(partOf(`${folder}${index}`, index));
  return { name: nameFrom(stem), parts };
}

/** The index stands beside its shards; a folder with a single file of that name may have one too. */
async function indexedModel(
  world: StoreWorld,
  folder: string,
  index: string,
  stem: string,
): Promise<FoundModel> {
  const entries = (await world.files.entries(folder === "" ? "." : folder, MAX_FOLDER_ENTRIES)) ?? [];
  const first = entries.find(({ name }) => {
    const shard = SHARD.exec(name);
    return shard?.[1] === stem && shard[4]?.toLowerCase() === "safetensors";
  });
  const shard = first === undefined ? null : SHARD.exec(first.name);
  if (shard !== null) return shardedModel(world, folder, shard);
  throw new AprError("not-found", `no shards beside their index: ${folder}${index}`, {
    fields: { path: folder + index },
  });
}

async function folderModel(world: StoreWorld, folder: string, name: string): Promise<FoundModel> {
  const parts: ModelPart[] = [];
  await gather(world, folder, "", 0, parts);
  if (!parts.some(({ title }) => WEIGHTS.test(title))) {
    throw new AprError("malformed", `no .gguf or .safetensors file in ${folder}`, {
      fields: { path: folder },
    });
  }
  return { name: nameFrom(name), parts: parts.sort((a, b) => (a.title < b.title ? -1 : 1)) };
}

async function gather(
  world: StoreWorld,
  root: string,
  under: string,
  depth: number,
  parts: ModelPart[],
): Promise<void> {
  if (depth > MAX_DEPTH)
    throw new AprError("malformed", `deeper than ${MAX_DEPTH} folders: ${root}/${under}`);
  for (const { name } of (await world.files.entries(`${root}/${under}`, MAX_FOLDER_ENTRIES)) ?? []) {
    // Version control, caches and the system's own files are no part of a model.
    if (name.startsWith(".")) continue;
    const title = `${under}${name}`;
    const path = await realPathOf(world, `${root}/${title}`);
    const kind = (await world.files.facts(path))?.kind;
    if (kind === "folder") await gather(world, root, `${title}/`, depth + 1, parts);
    else if (kind === "file") parts.push(partOf(path, title));
    if (parts.length > MAX_MODEL_FILES) {
      throw new AprError("malformed", `more than ${MAX_MODEL_FILES} files: ${root}`);
    }
  }
}

function partOf(path: string, title: string): ModelPart {
  return { path, title, mediaType: title.endsWith(".json") ? MEDIA.json : MEDIA.model };
}

async function realPathOf(world: StoreWorld, path: string): Promise<string> {
  try {
    return await world.files.realPath(path);
  } catch (error) {
    throw new AprError("not-found", `no such file or folder: ${path}`, { fields: { path }, cause: error });
  }
}

function baseName(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}
