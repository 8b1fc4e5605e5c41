import { asAprError } from "../../base/errors.ts";
import { RACE_LOOK_MS } from "../limits.ts";
import type { Obligation } from "../obligations.ts";
import type { OpenTask } from "../region.ts";
import type { BlobSource, ChunkOutcome, SourceFailure } from "../source.ts";
import { attemptFailure, beginAttempt } from "./attempt.ts";
import { type Fetching, fileOf } from "./fetching.ts";
import { Flight, isLostRace, whyOf } from "./flight.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { Races } from "./races.ts";
import { restart, turnWhole } from "./restart.ts";
import type { Watched } from "./stalls.ts";

/** What a chunk on its way has with it. */
interface Underway {
  readonly flight: Flight;
  readonly coming: Promise<ChunkOutcome>;
  readonly names: { readonly attempt: string; readonly chunk: string; readonly path: string };
  readonly hold: Obligation;
  readonly source: BlobSource;
  readonly task: OpenTask;
  readonly watched: Watched;
}

/** Hands chunks to paths, and takes in what they bring. */
export class Chunks {
  readonly #f: Fetching;
  readonly #flights = new Set<Flight>();
  readonly #races: Races;
  #attempts = 0;

  constructor(fetching: Fetching) {
    this.#f = fetching;
    this.#races = new Races(fetching, this.#flights, {
      nextAttempt: () => this.#nextAttempt(),
      accept: (...taken) => this.#accept(...taken),
      failed: (...what) => this.#failed(...what),
    });
  }

  /** One worker: fetches chunk after chunk by one path, until all is done or the path is down. */
  async work(path: Path, signal: AbortSignal): Promise<void> {
    const { changes, syncer, transfer } = this.#f;
    const slot = transfer.obligations.reserve("slot", path.name);
    try {
      while (!this.#f.isOver() && path.down === null) {
        const behind = syncer.behind;
        const { restMs } = path;
        const may = !behind && restMs === 0;
        const pick = may ? this.#pick(path) : null;
        const rival = may && pick === null ? this.#races.rivalOf(path) : null;
        if (pick !== null) {
          // Awaited here, in no function of its own: it is the way of every chunk, and each promise counts.
          const underway = this.#begin(path, pick.job, pick.index, pick.source);
          let outcome: ChunkOutcome | null;
          try {
            outcome = await underway.coming;
          } catch (error) {
            outcome = this.#failureOf(underway, error, signal);
          }
          if (outcome !== null) this.#ended(underway, outcome);
        } else if (rival !== null) await this.#races.run(path, rival, signal);
        else if (this.#f.isOver() || path.down !== null) break;
        else if (restMs > 0) await changes.waitAtMost(transfer.world.timers, restMs, signal);
        else if (this.#races.mayCome(path)) {
          await changes.waitAtMost(transfer.world.timers, RACE_LOOK_MS, signal);
        } else if (behind) {
          await changes.wait(signal, () => !syncer.behind || this.#f.isOver() || path.down !== null);
        } else await changes.wait(signal, () => this.#mayGoOn(path));
      }
      slot.commit();
    } finally {
      if (slot.open()) slot.abort("stopped");
    }
  }

  /** Something may be there for an idle path: most changes only say that others have brought a chunk. */
  #mayGoOn(path: Path): boolean {
    if (this.#f.isOver() || path.down !== null || this.#races.mayCome(path)) return true;
    for (const job of this.#f.open) if (job.ways.has(path) && job.anyMissing) return true;
    return false;
  }

  #pick(path: Path): { readonly job: Job; readonly index: number; readonly source: BlobSource } | null {
    for (const job of this.#f.open) {
      const source = job.ways.get(path);
      if (source === undefined || job.full) continue;
      if (!job.whole && job.rangeless.has(path) && !turnWhole(this.#f, job)) continue;
      const index = job.takeMissing(path);
      if (index !== null) return { job, index, source };
    }
    return null;
  }

  #begin(path: Path, job: Job, index: number, source: BlobSource): Underway {
    const { transfer, region } = this.#f;
    const chunk = job.chunkName(index);
    const hold = transfer.obligations.reserve("chunk", chunk);
    const flight = new Flight(job, index, path, transfer.world.clock.monotonicMs());
    this.#flights.add(flight);
    const names = { attempt: this.#nextAttempt(), chunk, path: path.name };
    transfer.emit("path_chosen", names);
    const target = { job, index, source, file: fileOf(job) };
    const task = region.open(`fetch ${chunk}`);
    flight.task = task;
    const { coming, watched } = beginAttempt(this.#f, path, target, task.signal, task.own);
    return { flight, coming, names, hold, source, task, watched };
  }

  /** What an error says of the path; null for one that says nothing of it, and is dealt with. */
  #failureOf(underway: Underway, error: unknown, signal: AbortSignal): SourceFailure | null {
    const failure = attemptFailure(error);
    if (failure === null) this.#broke(underway, error, signal);
    return failure;
  }

  /** The source has said what became of it. */
  #ended(underway: Underway, outcome: ChunkOutcome): void {
    this.#f.stalls.leave(underway.watched);
    underway.task.end("ok");
    try {
      this.#came(underway, outcome);
    } finally {
      this.#over(underway.flight, underway.hold);
    }
  }

  /** Something else went wrong, or it was told to stop. */
  #broke(underway: Underway, error: unknown, signal: AbortSignal): void {
    const { flight, names, task, watched } = underway;
    this.#f.stalls.leave(watched);
    task.end(task.cancelled ? "cancelled" : "failed");
    try {
      if (!this.#lost(flight, names, error, signal)) throw error;
    } finally {
      this.#over(flight, underway.hold);
    }
  }

  #came({ flight, names, hold, source }: Underway, outcome: ChunkOutcome): void {
    const { job, index, path } = flight;
    const { transfer } = this.#f;
    if (outcome.kind === "got" && flight.generation === job.generation) {
      transfer.emit("path_done", names);
      path.succeeded(transfer.world.clock.monotonicMs() - flight.startedMs, job.rangeBytes(index));
      this.#accept(job, index, path, source, hold);
      flight.racer?.cancel("lost the race");
      return;
    }
    transfer.emit("path_failed", { ...names, why: whyOf(outcome) });
    hold.abort("not fetched");
    this.#giveBack(flight);
    this.#failed(flight, path, outcome);
  }

  #over(flight: Flight, hold: Obligation): void {
    if (hold.open()) hold.abort("not fetched");
    this.#flights.delete(flight);
    flight.end();
    this.#f.changes.notify();
  }

  /** Its task threw. True for a lost race: the chunk is the winner's then. What stops the transfer is false. */
  #lost(flight: Flight, names: Underway["names"], error: unknown, signal: AbortSignal): boolean {
    const { emit } = this.#f.transfer;
    const lost = !signal.aborted && isLostRace(error);
    if (lost) emit("race_lost", names);
    else emit("path_failed", { ...names, why: signal.aborted ? "stopped" : asAprError(error).message });
    this.#giveBack(flight);
    return lost;
  }

  #giveBack(flight: Flight): void {
    if (flight.racer === null) flight.job.missed(flight.index);
    else flight.handedOver = true;
  }

  #accept(job: Job, index: number, path: Path, source: BlobSource, hold: Obligation): void {
    const { journal } = this.#f.transfer;
    this.#noteVersion(job, path, source);
    job.received(index, path);
    journal.append({ kind: "chunk", key: job.key, index, source: path.name });
    hold.commit();
    this.#f.syncer.add(job, job.rangeBytes(index));
    job.tellReceived(index);
    journal.flushSoon();
  }

  #noteVersion(job: Job, path: Path, source: BlobSource): void {
    const validator = source.validator();
    if (validator === null || job.versions.get(path) === validator) return;
    job.versions.set(path, validator);
    this.#f.transfer.journal.append({ kind: "source", key: job.key, source: path.name, validator });
  }

  /** A path did not give a chunk: decides what becomes of the path, and of the blob. */
  #failed({ job, generation }: Flight, path: Path, outcome: ChunkOutcome): void {
    if (outcome.kind === "got") return;
    if (outcome.kind === "no-ranges") job.rangeless.add(path);
    else if (outcome.kind === "changed") {
      // What was begun before the blob started again says nothing of what it is now.
      if (generation === job.generation && !job.full) restart(this.#f, job, path, outcome.why);
    } else if (outcome.retry === "never") {
      path.lastFailure = outcome;
      job.ways.delete(path);
    } else path.failed(outcome);
    this.#f.requireWays();
  }

  #nextAttempt(): string {
    this.#attempts += 1;
    return `${this.#f.transfer.label}a${this.#attempts}`;
  }
}
