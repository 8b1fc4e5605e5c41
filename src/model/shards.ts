import { formatBytes } from "../base/units.ts";
import type { Note } from "./facts.ts";
import { TensorBudget } from "./budget.ts";
import { type FolderOptions, type ModelFolder, named, withFile } from "./folder-source.ts";
import { quoted, refuse } from "./refusal.ts";
import { readSafetensors, type SafetensorsHeader } from "./safetensors.ts";
import { Tally, type Tensor, type TensorTotals } from "./tensor.ts";

/** The files of a model, and what an index says of them. */
export interface Sharding {
  readonly shards: readonly string[];
  /** Tensor → file; null for a model without an index. */
  readonly weightMap: ReadonlyMap<string, string> | null;
  readonly totalSize: bigint | null;
}

/** What all files of a model have together. */
export interface Shards {
  readonly names: readonly string[];
  readonly totals: TensorTotals;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: readonly Tensor[];
  readonly headerBytes: bigint;
  readonly sizeBytes: bigint;
  readonly notes: readonly Note[];
}

/** Reads every file's header, one after the other, and checks it against the index. */
export async function readShards(
  { shards, weightMap, totalSize }: Sharding,
  folder: ModelFolder,
  options: FolderOptions,
): Promise<Shards> {
  const tally = new Tally();
  const budget = new TensorBudget();
  const metadata = new Map<string, string>();
  const tensors: Tensor[] = [];
  const check = weightMap === null ? null : new IndexCheck(weightMap);
  let headerBytes = 0n;
  let sizeBytes = 0n;
  for (const file of shards) {
    const read = await withFile(folder, file, "missing-shard", (source) => readSafetensors(source, budget));
    const header = named(read, file);
    check?.shard(file, header);
    tally.add(header.tensors);
    if (options.tensors === true) for (const tensor of header.tensors) tensors.push(tensor);
    headerBytes += BigInt(header.headerBytes);
    sizeBytes += BigInt(header.sizeBytes);
    for (const [key, value] of header.metadata) metadata.set(key, value);
  }
  const totals = tally.totals();
  const notes = [...(check?.notes() ?? []), ...sizeNotes(totals, totalSize)];
  return { names: shards, totals, metadata, tensors, headerBytes, sizeBytes, notes };
}

/** Holds an index against the files that it names, one file at a time: two lists of all names would be large. */
class IndexCheck {
  private readonly weightMap: ReadonlyMap<string, string>;
  /** How many tensors the index puts into each file. */
  private readonly expected = new Map<string, number>();
  private unlisted = 0;
  private firstUnlisted = "";

  constructor(weightMap: ReadonlyMap<string, string>) {
    this.weightMap = weightMap;
    for (const file of weightMap.values()) this.expected.set(file, (this.expected.get(file) ?? 0) + 1);
  }

  shard(file: string, { tensors }: SafetensorsHeader): void {
    let found = 0;
    for (const { name } of tensors) {
      const place = this.weightMap.get(name);
      if (place === undefined) {
        this.firstUnlisted = this.unlisted++ === 0 ? name : this.firstUnlisted;
      } else if (place === file) {
        found++;
      } else {
        throw refuse("bad-index", `the index says that it is in ${place}`, { tensor: name, file });
      }
    }
    if (found !== this.expected.get(file)) throw this.missing(file, tensors);
  }

  /** A tensor that only a file has is no loss, but the figures count it. */
  notes(): Note[] {
    if (this.unlisted === 0) return [];
    const message = `${this.unlisted} tensors are in no index, such as ${quoted(this.firstUnlisted)}`;
    return [{ code: "unlisted-tensors", message }];
  }

  private missing(file: string, tensors: readonly Tensor[]): Error {
    const names = new Set(tensors.map(({ name }) => name));
    const [tensor = ""] =
      [...this.weightMap].find(([name, place]) => place === file && !names.has(name)) ?? [];
    return refuse("missing-tensor", "the index names it, and its file does not have it", { tensor, file });
  }
}

/** Many published indexes count shared tensors twice, so a wrong total is worth a note and no refusal. */
function sizeNotes({ bytes }: TensorTotals, totalSize: bigint | null): Note[] {
  if (totalSize === null || totalSize === BigInt(bytes)) return [];
  const said = formatBytes(Number(totalSize));
  const message = `the index says ${totalSize} bytes (${said}) of tensors, and the files hold ${bytes}`;
  return [{ code: "total-size-differs", message }];
}
