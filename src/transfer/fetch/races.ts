import { RACE_FACTOR } from "../limits.ts";
import type { Obligation } from "../obligations.ts";
import type { BlobSource, ChunkOutcome } from "../source.ts";
import { tryChunk } from "./attempt.ts";
import type { Fetching } from "./fetching.ts";
import { type Flight, isLostRace, whyOf } from "./flight.ts";
import type { Job } from "./job.ts";
import type { Path } from "./path.ts";
import { takeOver, withSpare } from "./spare.ts";

// A chunk that one path is slow with is fetched by another one too, into a spare. Who is first has it; the loser
// is told to stop and waited for. Only between different paths: one that is slow is slow for a second request too.

/** What a race needs of those who hand out the chunks. */
interface Hooks {
  readonly nextAttempt: () => string;
  readonly accept: (job: Job, index: number, path: Path, source: BlobSource, hold: Obligation) => void;
  readonly failed: (flight: Flight, path: Path, outcome: ChunkOutcome) => void;
}

export class Races {
  readonly #f: Fetching;
  readonly #flights: ReadonlySet<Flight>;
  readonly #hooks: Hooks;

  constructor(fetching: Fetching, flights: ReadonlySet<Flight>, hooks: Hooks) {
    this.#f = fetching;
    this.#flights = flights;
    this.#hooks = hooks;
  }

  /** True when there is something that this path could race with, later on. */
  mayCome(path: Path): boolean {
    if (path.usualMs === null) return false;
    for (const flight of this.#flights) if (canRace(path, flight)) return true;
    return false;
  }

  /** A chunk that takes much longer by its path than this one usually needs; null when there is none. */
  rivalOf(path: Path): Flight | null {
    const now = this.#f.transfer.world.clock.monotonicMs();
    const patience = (path.usualMs ?? Number.POSITIVE_INFINITY) * RACE_FACTOR;
    for (const flight of this.#flights) {
      if (canRace(path, flight) && flight.task !== null && now - flight.startedMs > patience) return flight;
    }
    return null;
  }

  async run(path: Path, flight: Flight, signal: AbortSignal): Promise<void> {
    const { changes, transfer } = this.#f;
    const { index, job } = flight;
    const chunk = job.chunkName(index);
    const id = this.#hooks.nextAttempt();
    flight.raced = true;
    try {
      await withSpare(transfer, id, async (file) => {
        const source = job.ways.get(path);
        // It may have ended while the spare was made.
        if (!this.#flights.has(flight) || source === undefined || path.down !== null) return;
        const hold = transfer.obligations.reserve("chunk", chunk);
        const names = { attempt: id, chunk, path: path.name };
        transfer.emit("path_chosen", names);
        const target = { job, index, source, file };
        const racer = this.#f.region.spawn(
          `race ${chunk}`,
          (stop, own) => tryChunk(this.#f, path, target, stop, own),
          { contained: true },
        );
        flight.racer = racer;
        try {
          await this.#finish(flight, path, { ...target, names, hold, result: racer.result }, signal);
        } finally {
          if (hold.open()) hold.abort("not needed");
        }
      });
    } finally {
      flight.racer = null;
      flight.raced = false;
      if (flight.handedOver) job.missed(index);
      changes.notify();
    }
  }

  async #finish(flight: Flight, path: Path, race: Race, signal: AbortSignal): Promise<void> {
    const { transfer } = this.#f;
    const { emit } = transfer;
    const { file, hold, index, job, names, result, source } = race;
    const startedMs = transfer.world.clock.monotonicMs();
    // Only what its own path has given up is the racer's: the same chunk may be on its way anew by now.
    const mayHave = (): boolean => flight.handedOver && flight.generation === job.generation;
    let ended = false;
    try {
      const outcome = await result;
      if (outcome.kind !== "got") {
        ended = true;
        emit("path_failed", { ...names, why: whyOf(outcome) });
        this.#hooks.failed(flight, path, outcome);
        return;
      }
      flight.task?.cancel("lost the race");
      await flight.ended();
      if (mayHave()) await takeOver(job, file, index);
      ended = true;
      // The blob may also have started again while the bytes were copied.
      if (!mayHave()) {
        emit("race_lost", names);
        return;
      }
      flight.handedOver = false;
      emit("path_done", names);
      path.succeeded(transfer.world.clock.monotonicMs() - startedMs, job.rangeBytes(index));
      this.#hooks.accept(job, index, path, source, hold);
    } catch (error) {
      const lost = !signal.aborted && isLostRace(error);
      if (!ended && lost) emit("race_lost", names);
      else if (!ended) emit("path_failed", { ...names, why: "stopped" });
      if (!lost) throw error;
    }
  }
}

interface Race extends Pick<Parameters<typeof tryChunk>[2], "file" | "index" | "job" | "source"> {
  readonly names: { readonly attempt: string; readonly chunk: string; readonly path: string };
  readonly hold: Obligation;
  readonly result: Promise<ChunkOutcome>;
}

function canRace(path: Path, flight: Flight): boolean {
  const { job, raced } = flight;
  if (flight.path === path || raced || job.whole || job.rangeless.has(path)) return false;
  return job.ways.has(path);
}
