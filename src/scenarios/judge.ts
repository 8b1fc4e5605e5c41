import { asAprError, AprError } from "../base/errors.ts";
import { closingResult, stateResult } from "../oracles/checks.ts";
import { transferEvidence } from "../oracles/evidence.ts";
import type { Ended } from "../sim/process.ts";
import { formatRef, type Ref } from "../store/ref.ts";
import { openStore } from "../store/store.ts";
import { readTag } from "../store/tags.ts";
import { verifyStore } from "../store/verify.ts";
import type { Part, Stage } from "./stage.ts";

/** Where every scenario keeps its store. */
export const STORE = "/models";

/**
 * Judges one transfer by its trace. One that was killed can say no more; one that failed must still have cleaned up
 * behind itself, and must say why in an error of apr's own.
 */
export function judgePart(stage: Stage, part: Part, ended: Ended<unknown>): void {
  if (ended.kind === "killed") return;
  const { closing, state, unreadable } = transferEvidence(part.trace.events);
  const done = ended.kind === "done";
  const switches = done ? {} : { manifest: false };
  const results = [stateResult("sim", switches, state), closingResult("sim", switches, closing)];
  for (const { violation_type: type, description } of results.flatMap(({ violations }) => violations)) {
    stage.broken(type, description, part.number);
  }
  for (const each of unreadable) stage.broken("unreadable_trace", each, part.number);
  if (done && state.manifest_hash === "")
    stage.broken("unproven", "done, and nothing was published", part.number);
  if (!done) judgeError(stage, part.number, ended.error);
}

/** Every failure is one that a person can be told of. Anything else is a bug. */
export function judgeError(stage: Stage, number: number, error: unknown): void {
  if (error instanceof AprError || isTold(error)) return;
  const known = asAprError(error);
  if (known.kind === "unexpected") stage.broken("unexpected_error", String(error), number);
}

/** The reason of an abort that the scenario asked for. */
function isTold(error: unknown): boolean {
  return error instanceof Error && error.message === STOP;
}

/** Why a scenario stops a transfer. */
export const STOP = "stopped by the scenario";

/** A tag that must be there, with the digest and size of its model. */
export interface Expected {
  readonly ref: Ref;
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Looks at the store as a new process sees it, when nothing fails any more: every blob has its digest, no tag names
 * one that is missing, and what must be there is.
 */
export async function judgeStore(
  stage: Stage,
  must: readonly Expected[],
  may: readonly Expected[] = [],
): Promise<void> {
  stage.sim.calm();
  const looked = await stage.run(async ({ world }) => {
    const store = await openStore(world, STORE);
    if (store === null) {
      if (must.length > 0) stage.broken("no_store", "the store is gone");
      return;
    }
    const { problems } = await verifyStore(store);
    for (const { detail, kind, subject } of problems) {
      stage.broken(kind.replaceAll("-", "_"), `${subject} ${detail}`);
    }
    for (const each of [...must, ...may]) {
      const { digest, ref, sizeBytes } = each;
      const entry = await readTag(store, ref);
      if (entry === null) {
        if (must.includes(each)) stage.broken("missing_tag", `${formatRef(ref)} is not there`);
      } else if (entry.kind !== "tag") {
        stage.broken("unreadable_tag", `${formatRef(ref)} cannot be read`);
      } else {
        const [layer] = entry.image.layers;
        if (layer?.digest !== digest || layer.sizeBytes !== sizeBytes) {
          stage.broken("another_model", `${formatRef(ref)} is ${layer?.digest ?? "nothing"}`);
        }
      }
    }
  });
  if (looked.kind === "failed") stage.broken("unreadable_store", String(looked.error));
}
