import { asAprError } from "../../base/errors.ts";
import type { OomCause } from "../../oom/cause.ts";
import type { OomDetail } from "../../oom/detail.ts";
import { MAX_TORCH_FACTS_BYTES, readTorchFacts, type TorchFailure } from "../../oom/torch-facts.ts";
import type { World } from "../../world/world.ts";
import { readOomFile } from "./read-file.ts";
import type { RunFolder } from "./run-folder.ts";

type FilesWorld = Pick<World, "files">;

/** Of the dumps of many processes no more than this are looked at. */
const MAX_FILES = 1000;
const MAX_NOTES_BYTES = 64 * 1024;

/** What the program's own runtime left behind, the best source first. A file that cannot be read becomes a note. */
export async function ownDetails(
  world: FilesWorld,
  folder: RunFolder,
  cause: OomCause,
): Promise<readonly OomDetail[]> {
  if (folder.dumps !== undefined && cause.killer === "gpu") return torchDetails(world, folder.dumps);
  if (folder.nodeReports !== undefined && cause.tool.startsWith("node")) {
    return nodeDetails(world, folder.nodeReports, cause.process?.pid);
  }
  return [];
}

async function torchDetails(world: FilesWorld, dumps: string): Promise<OomDetail[]> {
  const found: { failure: TorchFailure; stem: string }[] = [];
  for (const name of await namesIn(world, dumps, ".json")) {
    const read = await world.files.readSmall(`${dumps}/${name}`, MAX_TORCH_FACTS_BYTES);
    const failure = read.kind === "bytes" ? readTorchFacts(new TextDecoder().decode(read.bytes), name) : null;
    if (failure !== null) found.push({ failure, stem: name.slice(0, -".json".length) });
  }
  found.sort((a, b) => (a.failure.timeNs < b.failure.timeNs ? -1 : 1));
  const notes = await shimNotes(world, dumps);
  const last = found.at(-1);
  if (last === undefined) return notes.length === 0 ? [] : [{ source: "the --pytorch shim", notes }];
  const again = found.length > 1 ? [`the last of ${found.length} failures that PyTorch told of`] : [];
  const { detail } = last.failure;
  return [
    { ...detail, notes: [...detail.notes, ...again, ...notes] },
    ...(await readings(world, `${dumps}/${last.stem}.pickle`)),
  ];
}

/** What the shim could not do, in its own words. */
async function shimNotes(world: FilesWorld, dumps: string): Promise<string[]> {
  const read = await world.files.readSmall(`${dumps}/notes.txt`, MAX_NOTES_BYTES);
  if (read.kind !== "bytes") return [];
  const lines = new TextDecoder().decode(read.bytes).trim().split("\n");
  return lines.slice(0, 10).map((line) => `--pytorch: ${line}`);
}

/** Node names a report `report.<date>.<time>.<pid>.<thread>.<number>.json`. */
async function nodeDetails(world: FilesWorld, folder: string, pid: number | undefined): Promise<OomDetail[]> {
  const names = await namesIn(world, folder, ".json");
  const name = names.findLast((each) => each.split(".")[3] === String(pid)) ?? names.at(-1);
  return name === undefined ? [] : readings(world, `${folder}/${name}`);
}

async function namesIn(world: FilesWorld, folder: string, suffix: string): Promise<string[]> {
  const entries = (await world.files.entries(folder, MAX_FILES).catch(() => null)) ?? [];
  const names = entries.filter(({ name, kind }) => kind === "file" && name.endsWith(suffix));
  return names.map(({ name }) => name).sort();
}

async function readings(world: FilesWorld, path: string): Promise<OomDetail[]> {
  const facts = await world.files.facts(path);
  if (facts?.kind !== "file") return [];
  try {
    const file = readOomFile(path);
    return file.kind === "reading" ? [...file.reading.details] : [];
  } catch (error) {
    return [
      { source: "the program's own report", notes: [`it could not be read: ${asAprError(error).message}`] },
    ];
  }
}
