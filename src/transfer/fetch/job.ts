import type { OpenFile } from "../../world/files.ts";
import type { Digest } from "../../store/digest.ts";
import type { PartDigests } from "../../world/hash.ts";
import type { JournaledBlob } from "../journal/replay.ts";
import type { Obligation } from "../obligations.ts";
import { MAX_RESTARTS, MAX_UNKNOWN_BYTES } from "../limits.ts";
import { chunkBytesFor, chunkCount, chunkRange, type PlannedBlob } from "../plan.ts";
import type { BlobSource } from "../source.ts";
import type { Path } from "./path.ts";

/** Digests of a blob's parts; `later` while a source still computes them. */
export type AskParts = (signal: AbortSignal) => Promise<PartDigests | "later" | null>;

const MISSING = 0;
const BUSY = 1;
const HAVE = 2;

/** One blob on its way: which of its chunks are there, and from whom. */
export class Job {
  readonly plan: PlannedBlob;
  readonly partPath: string;
  /** Digests of its parts, where somebody keeps them. */
  readonly parts: PartDigests | null;
  /** Paths that it may still come by. */
  readonly ways = new Map<Path, BlobSource>();
  /** All that it ever had, for the message when none is left. */
  readonly tried = new Set<Path>();
  /** Sources that could not even be asked. */
  readonly unasked: { readonly name: string; readonly why: string }[] = [];
  /** What version each path gave its chunks from. */
  readonly versions = new Map<Path, string>();
  /** Asks the sources again for digests of its parts. */
  readonly askParts: AskParts;
  #onReceived: ((index: number) => void) | null = null;
  sizeBytes: number | null;
  chunkBytes: number;
  /** It comes as one body: no source has ranges, or nobody tells its size. */
  whole: boolean;
  file: OpenFile | null = null;
  temp: Obligation | null = null;
  /** What was begun or hashed in another generation does not count any more. */
  generation = 0;
  /** Paths that give the whole only. */
  readonly rangeless = new Set<Path>();
  #restarts = 0;
  #states: Uint8Array;
  #owners: (Path | string | undefined)[];
  #left: number;
  #from = 0;
  /** Nothing before this is missing. */
  #missingFrom = 0;
  /** Who gave wrong bytes for a chunk. */
  readonly #avoid = new Map<number, Set<string>>();

  constructor(
    plan: PlannedBlob,
    partPath: string,
    parts: PartDigests | null,
    journaled: JournaledBlob | null,
    askParts: AskParts,
  ) {
    this.askParts = askParts;
    this.plan = plan;
    this.partPath = partPath;
    this.parts = parts;
    this.sizeBytes = plan.sizeBytes;
    this.whole = plan.sizeBytes === null;
    const usual = plan.sizeBytes === null ? MAX_UNKNOWN_BYTES : chunkBytesFor(plan.sizeBytes);
    this.chunkBytes = journaled?.chunkBytes ?? parts?.partBytes ?? usual;
    [this.#states, this.#owners, this.#left] = emptyChunks(this.sizeBytes, this.chunkBytes, this.whole);
    for (const [index, source] of journaled?.have ?? []) {
      if (index >= this.#states.length) continue;
      this.#states[index] = HAVE;
      this.#owners[index] = source;
      this.#left -= 1;
    }
  }

  get key(): string {
    return this.plan.key;
  }

  get digest(): Digest | null {
    return this.plan.digest;
  }

  get full(): boolean {
    return this.#left === 0;
  }

  get count(): number {
    return this.#states.length;
  }

  chunkName(index: number): string {
    return `${this.key}#${index}`;
  }

  rangeBytes(index: number): number {
    return this.sizeBytes === null ? 0 : chunkRange(index, this.sizeBytes, this.chunkBytes).sizeBytes;
  }

  /** Bytes from the start without a gap. */
  prefixBytes(): number {
    let index = this.#from;
    while (index < this.#states.length && this.#states[index] === HAVE) index += 1;
    this.#from = index;
    return this.sizeBytes === null ? 0 : Math.min(this.sizeBytes, index * this.chunkBytes);
  }

  haveBytes(): number {
    let sum = 0;
    for (const [index, state] of this.#states.entries()) if (state === HAVE) sum += this.rangeBytes(index);
    return sum;
  }

  /** Nobody fetches some chunk of it. */
  get anyMissing(): boolean {
    return this.#nextMissing() !== -1;
  }

  isBusy(index: number): boolean {
    return this.#states[index] === BUSY;
  }

  get anyBusy(): boolean {
    return this.#states.includes(BUSY);
  }

  ownerOf(index: number): string | undefined {
    const owner = this.#owners[index];
    return typeof owner === "string" ? owner : owner?.name;
  }

  /** The first chunk that nobody fetches, and that this path may; null when there is none. */
  takeMissing(path: Path): number | null {
    for (let index = this.#nextMissing(); index !== -1; index = this.#states.indexOf(MISSING, index + 1)) {
      if (this.#avoid.size > 0 && this.#leavesToOthers(path, index)) continue;
      this.#states[index] = BUSY;
      return index;
    }
    return null;
  }

  /** The first of those that nobody fetches; -1 for none. */
  #nextMissing(): number {
    const states = this.#states;
    let index = this.#missingFrom;
    while (index < states.length && states[index] !== MISSING) index += 1;
    this.#missingFrom = index;
    return index < states.length ? index : -1;
  }

  /** It gave this chunk wrongly, and somebody is left who has not. */
  #leavesToOthers(path: Path, index: number): boolean {
    const avoided = this.#avoid.get(index);
    if (avoided?.has(path.name) !== true) return false;
    return [...this.ways.keys()].some(
      (each) => each.down === null && !avoided.has(each.name) && (this.whole || !this.rangeless.has(each)),
    );
  }

  /** Somebody can give parts of it. */
  get isRanged(): boolean {
    return [...this.ways.keys()].some((each) => each.down === null && !this.rangeless.has(each));
  }

  hasOtherWay(path: Path): boolean {
    return [...this.ways.keys()].some((each) => each !== path && each.down === null);
  }

  received(index: number, owner: Path): void {
    if (this.#states[index] === HAVE) throw new Error(`${this.chunkName(index)} was received twice`);
    this.#states[index] = HAVE;
    this.#owners[index] = owner;
    this.#left -= 1;
  }

  /** Calls this whenever a chunk has come, from now on; null calls nobody. */
  listen(onReceived: ((index: number) => void) | null): void {
    this.#onReceived = onReceived;
  }

  /** A chunk has come, and all that is noted of it is noted. */
  tellReceived(index: number): void {
    this.#onReceived?.(index);
  }

  /** An attempt ended without its bytes. */
  missed(index: number): void {
    if (this.#states[index] !== BUSY) return;
    this.#states[index] = MISSING;
    this.#missingFrom = Math.min(this.#missingFrom, index);
  }

  /** Its bytes are wrong: it is fetched again, by another path if there is one. */
  spoiled(index: number): void {
    if (this.#states[index] !== HAVE) return;
    const owner = this.ownerOf(index);
    if (owner !== undefined) this.#avoid.set(index, (this.#avoid.get(index) ?? new Set<string>()).add(owner));
    this.#states[index] = MISSING;
    this.#owners[index] = undefined;
    this.#left += 1;
    this.#from = Math.min(this.#from, index);
    this.#missingFrom = Math.min(this.#missingFrom, index);
  }

  reown(index: number, owner: Path): void {
    this.#owners[index] = owner;
  }

  /** Starts again: what is on its way still has to end. False when that happened too often. */
  restart(): boolean {
    this.generation += 1;
    this.#restarts += 1;
    for (let index = 0; index < this.#states.length; index++) this.spoiled(index);
    this.#avoid.clear();
    return this.#restarts <= MAX_RESTARTS;
  }

  /** From now on it comes in one piece, over all that came before. Nothing may be on its way. */
  becomeWhole(): void {
    this.generation += 1;
    this.#avoid.clear();
    this.whole = true;
    this.chunkBytes = this.sizeBytes ?? MAX_UNKNOWN_BYTES;
    [this.#states, this.#owners, this.#left] = emptyChunks(this.sizeBytes, this.chunkBytes, true);
    this.#from = 0;
    this.#missingFrom = 0;
  }

  learnSize(sizeBytes: number): void {
    this.sizeBytes ??= sizeBytes;
  }
}

/** An empty blob has no chunk, unless only its body can tell that it is empty. */
function emptyChunks(
  sizeBytes: number | null,
  chunkBytes: number,
  whole: boolean,
): [Uint8Array, (Path | string | undefined)[], number] {
  const count = sizeBytes === null ? 1 : whole ? Math.min(1, sizeBytes) : chunkCount(sizeBytes, chunkBytes);
  return [new Uint8Array(count), [], count];
}
