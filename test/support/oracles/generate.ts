import { digest, type Step } from "./trace.ts";

/** What a generated transfer is like. */
export interface TransferShape {
  /** Chunks of each blob, and what happens to each. */
  readonly blobs: readonly (readonly ChunkStory[])[];
  readonly push: boolean;
  /** A manifest of its own at the end, after the one that began the transfer. */
  readonly ownManifest: boolean;
  /** A third path is dropped half way. */
  readonly drop: boolean;
  /** Seeds the order in which concurrent steps happen. */
  readonly order: number;
}

export type ChunkStory = "done" | "retried" | "raced" | "repaired";

const PATHS = ["one", "two"] as const;

/** A trace as a sound engine makes it: regions, tasks, obligations, ways, journal, hashes, exposure. */
export function generateTransfer(shape: TransferShape): Step[] {
  return new Generator(shape).run();
}

class Generator {
  readonly #shape: TransferShape;
  readonly #steps: Step[] = [];
  #chance: number;
  #record = 0;
  #obligations = 0;
  #attempts = 0;

  constructor(shape: TransferShape) {
    this.#shape = shape;
    this.#chance = shape.order;
  }

  run(): Step[] {
    const { blobs, ownManifest, push } = this.#shape;
    this.#add("journal_opened", { next: 1, head: "0" });
    this.#add("manifest", { expected: digest("d"), actual: digest("d") });
    this.#add("region_created", { region: "r" });
    this.#checkpoint();
    this.#interleave(blobs.map((chunks, index) => this.#lane(index, chunks)).concat(this.#side()));
    this.#add("region_close_complete", { region: "r" });
    if (!push) {
      for (const index of blobs.keys())
        this.#add("exposed", { what: "blob", name: nameOf(index), digest: digestOf(index) });
    }
    for (const index of blobs.keys()) this.#add("proof", { blob: nameOf(index), digest: digestOf(index) });
    const final = ownManifest ? digest("f") : digest("d");
    if (ownManifest) this.#add("manifest", { expected: final, actual: final });
    this.#add("exposed", { what: "manifest", name: "m", digest: final });
    this.#add("published", { digest: final });
    return this.#steps;
  }

  #add<S extends Step>(kind: S[0], data: S[1]): void {
    this.#steps.push([kind, data] as Step);
  }

  #checkpoint(): void {
    this.#record += 1;
    const data = { seq: this.#record, prev: `${this.#record - 1}`, hash: `${this.#record}` };
    this.#add("checkpoint", data);
  }

  /** Runs sequences of steps, one step of one of them at a time. */
  #interleave(sequences: readonly (readonly (() => void)[])[]): void {
    const left = sequences.map((sequence) => [...sequence]).filter(({ length }) => length > 0);
    while (left.length > 0) {
      this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
      const at = (this.#chance >>> 8) % left.length;
      left[at]?.shift()?.();
      if (left[at]?.length === 0) left.splice(at, 1);
    }
  }

  #lane(index: number, chunks: readonly ChunkStory[]): (() => void)[] {
    const task = `lane ${index}`;
    const blob = nameOf(index);
    const right = digestOf(index);
    const repaired = chunks.flatMap((story, chunk) => (story === "repaired" ? [`${blob}#${chunk}`] : []));
    const hashed = (actual: string) => () => this.#add("hashed", { blob, expected: right, actual });
    return [
      () => this.#add("spawn", { task, region: "r" }),
      ...chunks.flatMap((story, chunk) => this.#chunk(`${blob}#${chunk}`, story)),
      ...(repaired.length === 0 ? [] : [hashed(digest("0"))]),
      ...repaired.flatMap((chunk) => [
        () => this.#add("repair", { chunk, path: "one", why: "wrong" }),
        ...this.#fetch(chunk, "two", "done"),
      ]),
      hashed(right),
      () => this.#add("complete", { task, outcome: "ok" }),
    ];
  }

  #chunk(chunk: string, story: ChunkStory): (() => void)[] {
    const [one, two] = PATHS;
    switch (story) {
      case "done":
      case "repaired":
        return this.#fetch(chunk, one, "done");
      case "retried":
        return [...this.#fetch(chunk, one, "failed"), ...this.#fetch(chunk, two, "done")];
      case "raced":
        return weave(this.#fetch(chunk, one, "lost"), this.#fetch(chunk, two, "done"));
    }
  }

  #fetch(chunk: string, path: string, ends: "done" | "failed" | "lost"): (() => void)[] {
    const attempt = { attempt: `a${(this.#attempts += 1)}`, chunk, path };
    const id = `chunk-${(this.#obligations += 1)}`;
    const task = `fetch ${attempt.attempt}`;
    const common = [
      () => this.#add("reserve", { id, what: "chunk", of: chunk }),
      () => this.#add("path_chosen", attempt),
      () => this.#add("spawn", { task, region: "r" }),
    ];
    const end = (outcome: "ok" | "failed" | "cancelled") => () => this.#add("complete", { task, outcome });
    const abort = (): void => this.#add("abort", { id, why: "not needed" });
    switch (ends) {
      case "done":
        return [
          ...[...common, end("ok"), () => this.#add("path_done", attempt)],
          ...[() => this.#checkpoint(), () => this.#add("commit", { id })],
        ];
      case "failed":
        return [...common, end("failed"), () => this.#add("path_failed", { ...attempt, why: "cut" }), abort];
      case "lost":
        return [
          ...[...common, () => this.#add("cancel", { task, why: "lost" }), end("cancelled")],
          ...[() => this.#add("race_lost", attempt), abort],
        ];
    }
  }

  #side(): (() => void)[][] {
    const beat = [
      () => this.#add("spawn", { task: "beat", region: "r" }),
      () => this.#add("region_close_begin", { region: "r" }),
      () => this.#add("message", { message: "hello" }),
      () => this.#add("cancel", { task: "beat", why: "finished" }),
      () => this.#add("complete", { task: "beat", outcome: "cancelled" }),
    ];
    const three = { attempt: "third", chunk: "x#0", path: "three" };
    const drop = [
      () => this.#add("path_chosen", three),
      () => this.#add("path_failed", { ...three, why: "refused" }),
      () => this.#add("path_dropped", { path: "three", why: "refused" }),
    ];
    return this.#shape.drop ? [beat, drop] : [beat];
  }
}

function weave<T>(one: readonly T[], two: readonly T[]): T[] {
  return one
    .flatMap((each, index) => [each, ...(two[index] === undefined ? [] : [two[index]])])
    .concat(two.slice(one.length));
}

function nameOf(index: number): string {
  return index % 2 === 0 ? `sha256-${digestOf(index).slice("sha256:".length)}` : `file-${index}`;
}

function digestOf(index: number): string {
  return digest(String.fromCharCode("1".charCodeAt(0) + index));
}
