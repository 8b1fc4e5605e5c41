import { asAprError } from "../../base/errors.ts";
import { RACE_FACTOR, RACE_LOOK_MS } from "../limits.ts";
import type { Obligation } from "../obligations.ts";
import type { Task } from "../region.ts";
import type { BlobSource, ChunkOutcome } from "../source.ts";
import { tryChunk } from "./attempt.ts";
import { keepsChanging } from "./failure.ts";
import { type Fetching, fileOf } from "./fetcher.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { takeOver, withSpare } from "./spare.ts";

/** A chunk on its way by the path that has it. */
interface Flight {
  readonly job: Job;
  readonly index: number;
  readonly path: Path;
  readonly generation: number;
  readonly startedMs: number;
  task: Task<ChunkOutcome> | null;
  /** Resolves when its own path has done with it, either way. */
  ended: Promise<void>;
  /** Another path fetches the same chunk into a spare. */
  racer: Task<ChunkOutcome> | null;
  /** Its own path has given up, and what becomes of the chunk is the racer's business. */
  handedOver: boolean;
}

/** Hands chunks to paths, and takes in what they bring. */
export class Chunks {
  readonly #f: Fetching;
  readonly #flights = new Map<string, Flight>();
  readonly #rangeless = new Map<Job, Set<Path>>();
  #attempts = 0;

  constructor(fetching: Fetching) {
    this.#f = fetching;
  }

  /** One worker: fetches chunk after chunk by one path, until all is done or the path is down. */
  async work(path: Path, signal: AbortSignal): Promise<void> {
    const { changes, syncer, transfer } = this.#f;
    const slot = transfer.obligations.reserve("slot", path.name);
    try {
      while (!this.#f.isOver() && path.down === null) {
        await path.rested(signal);
        const behind = syncer.behind;
        const pick = behind ? null : this.#pick(path);
        if (pick !== null) await this.#fetch(path, pick.job, pick.index, pick.source, signal);
        else if (!behind && this.#raceFor(path) !== null) await this.#race(path, signal);
        else if (this.#mayRace(path)) await changes.waitAtMost(transfer.world.timers, RACE_LOOK_MS, signal);
        else if (!this.#f.isOver() && path.down === null) await changes.wait(signal);
      }
      slot.commit();
    } finally {
      if (slot.open()) slot.abort("stopped");
    }
  }

  #pick(path: Path): { readonly job: Job; readonly index: number; readonly source: BlobSource } | null {
    for (const job of this.#f.open) {
      const source = job.ways.get(path);
      if (source === undefined || job.full) continue;
      if (!job.whole && this.#rangeless.get(job)?.has(path) === true && !this.#turnWhole(job)) continue;
      const index = job.takeMissing(path);
      if (index !== null) return { job, index, source };
    }
    return null;
  }

  async #fetch(path: Path, job: Job, index: number, source: BlobSource, signal: AbortSignal): Promise<void> {
    const { transfer, region, changes } = this.#f;
    const chunk = job.chunkName(index);
    const hold = transfer.obligations.reserve("chunk", chunk);
    const attempt = { id: this.#nextAttempt(), chunk, path };
    const startedMs = transfer.world.clock.monotonicMs();
    let over = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    const flight: Flight = {
      ...{ job, index, path, startedMs, ended },
      generation: job.generation,
      task: null,
      racer: null,
      handedOver: false,
    };
    this.#flights.set(chunk, flight);
    const names = { attempt: attempt.id, chunk, path: path.name };
    transfer.emit("path_chosen", names);
    flight.task = region.spawn(
      `fetch ${chunk}`,
      (stop) => tryChunk(transfer, attempt, { job, index, source, file: fileOf(job) }, stop),
      { contained: true },
    );
    try {
      const outcome = await this.#outcomeOf(flight, names, flight.task.result, signal);
      if (outcome === null) return;
      if (outcome.kind === "got" && flight.generation === job.generation) {
        transfer.emit("path_done", names);
        path.succeeded(transfer.world.clock.monotonicMs() - startedMs);
        await this.#accept(job, index, path, source, hold);
        flight.racer?.cancel("lost the race");
        return;
      }
      transfer.emit("path_failed", { ...names, why: whyOf(outcome) });
      hold.abort("not fetched");
      this.#giveBack(flight);
      this.#failed(flight, source, outcome);
    } finally {
      if (hold.open()) hold.abort("not fetched");
      this.#flights.delete(chunk);
      over();
      changes.notify();
    }
  }

  /** Null for a lost race: the chunk is the winner's then. What stops the transfer is thrown. */
  async #outcomeOf(
    flight: Flight,
    names: { readonly attempt: string; readonly chunk: string; readonly path: string },
    result: Promise<ChunkOutcome>,
    signal: AbortSignal,
  ): Promise<ChunkOutcome | null> {
    const { emit } = this.#f.transfer;
    try {
      return await result;
    } catch (error) {
      const lost = !signal.aborted && isLostRace(error);
      if (lost) emit("race_lost", names);
      else emit("path_failed", { ...names, why: signal.aborted ? "stopped" : asAprError(error).message });
      this.#giveBack(flight);
      if (lost) return null;
      throw error;
    }
  }

  #giveBack(flight: Flight): void {
    if (flight.racer === null) flight.job.missed(flight.index);
    else flight.handedOver = true;
  }

  async #accept(job: Job, index: number, path: Path, source: BlobSource, hold: Obligation): Promise<void> {
    const { journal } = this.#f.transfer;
    this.#noteVersion(job, path, source);
    job.received(index, path);
    journal.append({ kind: "chunk", key: job.key, index, source: path.name });
    hold.commit();
    this.#f.syncer.add(job, job.rangeBytes(index));
    job.onReceived(index);
    this.#f.changes.notify();
    await journal.flush();
  }

  #noteVersion(job: Job, path: Path, source: BlobSource): void {
    const validator = source.validator();
    if (validator === null || job.versions.get(path) === validator) return;
    job.versions.set(path, validator);
    this.#f.transfer.journal.append({ kind: "source", key: job.key, source: path.name, validator });
  }

  #failed({ job, path, generation }: Flight, source: BlobSource, outcome: ChunkOutcome): void {
    if (outcome.kind === "got") return;
    if (outcome.kind === "no-ranges") this.#noteRangeless(job, path);
    else if (outcome.kind === "changed") {
      if (generation === job.generation) this.#restart(job, outcome.why);
      source.forget();
    } else if (outcome.retry === "never") {
      path.lastFailure = outcome;
      job.ways.delete(path);
    } else path.failed(outcome);
    this.#f.requireWays();
  }

  #noteRangeless(job: Job, path: Path): void {
    this.#rangeless.set(job, (this.#rangeless.get(job) ?? new Set<Path>()).add(path));
  }

  /** When nobody is left that has ranges, the blob comes in one piece. */
  #turnWhole(job: Job): boolean {
    const rangeless = this.#rangeless.get(job);
    const ranged = [...job.ways.keys()].some((each) => each.down === null && rangeless?.has(each) !== true);
    if (ranged || job.anyBusy) return false;
    this.#tellRepair(job, "it comes in one piece from now on");
    job.becomeWhole();
    this.#f.transfer.journal.append(beginning(job));
    return true;
  }

  /** What is there is thrown away. */
  #tellRepair(job: Job, why: string): void {
    for (let index = 0; index < job.count; index++) {
      const path = job.ownerOf(index);
      if (path !== undefined) this.#f.transfer.emit("repair", { chunk: job.chunkName(index), path, why });
    }
  }

  #restart(job: Job, why: string): void {
    const { transfer } = this.#f;
    this.#tellRepair(job, "the blob starts again");
    const again = job.restart();
    job.versions.clear();
    transfer.journal.append(beginning(job));
    transfer.tell({ kind: "restart", blob: job.key, why });
    if (!again) throw keepsChanging(job, why);
  }

  /** Only between different paths: one that is slow is slow for a second request too. */
  #mayRace(path: Path): boolean {
    if (path.usualMs === null) return false;
    return [...this.#flights.values()].some((flight) => flight.path !== path && this.#canRace(path, flight));
  }

  #canRace(path: Path, { job, racer }: Flight): boolean {
    if (racer !== null || job.whole || this.#rangeless.get(job)?.has(path) === true) return false;
    return job.ways.has(path);
  }

  #raceFor(path: Path): Flight | null {
    const now = this.#f.transfer.world.clock.monotonicMs();
    const patience = (path.usualMs ?? Number.POSITIVE_INFINITY) * RACE_FACTOR;
    for (const flight of this.#flights.values()) {
      if (flight.path === path || flight.task === null || !this.#canRace(path, flight)) continue;
      if (now - flight.startedMs > patience) return flight;
    }
    return null;
  }

  /** Fetches a chunk that another path is slow with, into a spare. The loser is told to stop and waited for. */
  async #race(path: Path, signal: AbortSignal): Promise<void> {
    const flight = this.#raceFor(path);
    const source = flight?.job.ways.get(path);
    if (flight === null || source === undefined) return;
    const { transfer, region } = this.#f;
    const { job, index } = flight;
    const chunk = job.chunkName(index);
    const attempt = { id: this.#nextAttempt(), chunk, path };
    const names = { attempt: attempt.id, chunk, path: path.name };
    const startedMs = transfer.world.clock.monotonicMs();
    await withSpare(transfer, attempt.id, async (file) => {
      const hold = transfer.obligations.reserve("chunk", chunk);
      transfer.emit("path_chosen", names);
      let ended = false;
      const end = (kind: "path_done" | "race_lost"): void => {
        ended = true;
        transfer.emit(kind, names);
      };
      try {
        const target = { job, index, source, file };
        flight.racer = region.spawn(`race ${chunk}`, (stop) => tryChunk(transfer, attempt, target, stop), {
          contained: true,
        });
        const outcome = await flight.racer.result;
        if (outcome.kind === "got") {
          flight.task?.cancel("lost the race");
          await flight.ended;
          if (!job.isBusy(index) || flight.generation !== job.generation) end("race_lost");
          else {
            await takeOver(job, file, index);
            flight.handedOver = false;
            end("path_done");
            path.succeeded(transfer.world.clock.monotonicMs() - startedMs);
            await this.#accept(job, index, path, source, hold);
          }
        } else {
          ended = true;
          transfer.emit("path_failed", { ...names, why: whyOf(outcome) });
          if (outcome.kind === "failed" && outcome.retry === "soon") path.failed(outcome);
        }
      } catch (error) {
        const lost = !signal.aborted && isLostRace(error);
        if (!ended && lost) end("race_lost");
        else if (!ended) transfer.emit("path_failed", { ...names, why: "stopped" });
        if (!lost) throw error;
      } finally {
        if (hold.open()) hold.abort("not needed");
        flight.racer = null;
        if (flight.handedOver) job.missed(index);
        this.#f.changes.notify();
      }
    });
  }

  #nextAttempt(): string {
    this.#attempts += 1;
    return `a${this.#attempts}`;
  }
}

function beginning(job: Job): { kind: "blob"; key: string; size: number | null; chunk: number } {
  return { kind: "blob", key: job.key, size: job.sizeBytes, chunk: job.chunkBytes };
}

function isLostRace(error: unknown): boolean {
  return error instanceof Error && error.name === "Cancelled";
}

function whyOf(outcome: ChunkOutcome): string {
  if (outcome.kind === "got") return "the blob started again meanwhile";
  return outcome.kind === "no-ranges" ? "no range support" : outcome.why;
}
