import type { OracleSwitches } from "../../../src/oracles/checks.ts";
import type { Patch } from "../plant.ts";

/** Circumstances in which a mistake shows. */
export type PlantedScenario = "plain" | "lie" | "stop" | "whole" | "dead" | "race";

/** A mistake in the engine, with the check that is there for it. */
export interface Plant extends Patch {
  readonly check: keyof OracleSwitches;
  /** The type of violation that the check finds. */
  readonly violation: string;
  readonly scenario: PlantedScenario;
  readonly what: string;
}

/** At least one for each of the eight checks. */
export const PLANTS: readonly Plant[] = [
  {
    ...{ check: "manifest", violation: "manifest_integrity", scenario: "plain" },
    what: "other bytes are published than were asked for",
    file: "src/transfer/commit.ts",
    find: "await publishManifest(store, work, commit.ref, bytes, blobs,",
    replace:
      'await publishManifest(store, work, commit.ref, Buffer.concat([bytes, Buffer.from("\\n")]), blobs,',
  },
  {
    ...{ check: "journal", violation: "journal_consistency", scenario: "plain" },
    what: "records are not chained to the one before",
    file: "src/transfer/journal/journal.ts",
    find: "this.#last = { n, hash };",
    replace: "this.#last = { n, hash: this.#last.hash };",
  },
  {
    ...{ check: "quiescence", violation: "quiescence", scenario: "plain" },
    what: "a region closes without waiting for its tasks",
    file: "src/transfer/region.ts",
    find: "while (this.#running.size > 0) {",
    replace: "while (this.#running.size < 0) {",
  },
  {
    ...{ check: "obligation", violation: "obligation_leak", scenario: "plain" },
    what: "a part file is moved away and its obligation forgotten",
    file: "src/transfer/commit.ts",
    find: "job.temp?.commit();",
    replace: "",
  },
  {
    ...{ check: "path_consistency", violation: "path_consistency", scenario: "plain" },
    what: "workers do not see which chunks the others fetch",
    file: "src/transfer/fetch/job.ts",
    find: "this.#states[index] = BUSY;",
    replace: "",
  },
  {
    ...{ check: "final_exposure", violation: "final_exposure", scenario: "lie" },
    what: "a blob is taken whatever its digest is",
    file: "src/transfer/fetch/settle.ts",
    find: "if (job.digest === null || actual === job.digest) {",
    replace: "if (job.digest !== undefined) {",
  },
  {
    ...{ check: "cancellation_drain", violation: "cancellation_drain", scenario: "stop" },
    what: "a region that is told to stop does not wait for its tasks",
    file: "src/transfer/region.ts",
    find: `await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }`,
    replace: `await Promise.race([
        new Promise<void>((resolve) => {
          this.#onEmpty = resolve;
        }),
        new Promise((resolve) => this.#outer.addEventListener("abort", resolve)),
      ]);
      if (this.#outer.aborted) break;
    }`,
  },
  {
    ...{ check: "proof_validity", violation: "proof_validity", scenario: "plain" },
    what: "the proof records another digest than was found",
    file: "src/transfer/commit.ts",
    find: 'emit("proof", { blob: job.key, digest: digestOfJob(commit, job) });',
    replace: 'emit("proof", { blob: job.key, digest: manifestDigest(store, bytes) });',
  },
];
