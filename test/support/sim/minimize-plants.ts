import type { Patch } from "../plant.ts";

/** A mistake in the engine that some seeds of a scenario show, and most do not. */
export interface MinimizePlant extends Patch {
  readonly what: string;
  readonly scenario: string;
}

/** For the minimizer: each needs something to go wrong before it shows. */
export const MINIMIZE_PLANTS: readonly MinimizePlant[] = [
  {
    what: "a worker that is stopped keeps its slot",
    scenario: "single-pull",
    file: "src/transfer/fetch/chunks.ts",
    find: 'if (slot.open()) slot.abort("stopped");',
    replace: "",
  },
  {
    what: "a chunk that could not be fetched leaves no word of it",
    scenario: "single-pull",
    file: "src/transfer/fetch/chunks.ts",
    find: 'transfer.emit("path_failed", { ...names, why: whyOf(outcome) });',
    replace: "",
  },
  {
    what: "a blob is taken whatever its digest is",
    scenario: "single-pull",
    file: "src/transfer/fetch/settle.ts",
    find: "if (job.digest === null || actual === job.digest) {",
    replace: "if (job.digest !== undefined) {",
  },
  {
    what: "a chunk whose fetching is stopped keeps its reservation",
    scenario: "single-pull",
    file: "src/transfer/fetch/chunks.ts",
    find: 'if (hold.open()) hold.abort("not fetched");\n    this.#flights',
    replace: "this.#flights",
  },
];
