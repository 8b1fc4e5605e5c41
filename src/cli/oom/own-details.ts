import type { OomCause } from "../../oom/cause.ts";
import type { OomDetail } from "../../oom/detail.ts";
import { MAX_TORCH_FACTS_BYTES, readTorchFacts, type TorchFailure } from "../../oom/torch-facts.ts";
import type { World } from "../../world/world.ts";
import type { RunFolder } from "./run-folder.ts";

type FilesWorld = Pick<World, "files">;

/** Of the dumps of many processes no more than this are looked at. */
const MAX_FILES = 1000;

/** What the program's own runtime left behind, the best source first. A file that cannot be read tells nothing. */
export async function ownDetails(
  world: FilesWorld,
  folder: RunFolder,
  cause: OomCause,
): Promise<readonly OomDetail[]> {
  return folder.dumps === undefined || cause.killer !== "gpu" ? [] : torchDetails(world, folder.dumps);
}

async function torchDetails(world: FilesWorld, dumps: string): Promise<OomDetail[]> {
  const names = (await world.files.entries(dumps, MAX_FILES).catch(() => null)) ?? [];
  const failures: TorchFailure[] = [];
  for (const { name } of names.filter((entry) => entry.name.endsWith(".json"))) {
    const read = await world.files.readSmall(`${dumps}/${name}`, MAX_TORCH_FACTS_BYTES);
    const failure = read.kind === "bytes" ? readTorchFacts(new TextDecoder().decode(read.bytes), name) : null;
    if (failure !== null) failures.push(failure);
  }
  failures.sort((a, b) => (a.timeNs < b.timeNs ? -1 : 1));
  const last = failures.at(-1);
  if (last === undefined) return [];
  const again = failures.length > 1 ? [`the last of ${failures.length} failures that PyTorch told of`] : [];
  return [{ ...last.detail, notes: [...last.detail.notes, ...again] }];
}
