import { asAprError } from "../base/errors.ts";
import { closingResult, stateResult } from "../oracles/checks.ts";
import { transferEvidence } from "../oracles/evidence.ts";
import type { Ended } from "../sim/process.ts";
import { judgeLeftovers } from "./leftovers.ts";
import type { Part, Stage } from "./stage.ts";

/** Faults after which bytes may be wrong, or a blob begins again. */
const LIES = [
  ...[
    "file change",
    "net flip",
    "net other",
    "net short",
    "net length",
    "net etag",
    "net whole",
    "net garbage",
  ],
  ...["disk read", "disk write", "disk sync", "disk full"],
] as const;

export interface PartOptions {
  /** A failure that this story allows although nothing went wrong, such as a tag that is there already. */
  readonly mayFail?: (code: unknown) => boolean;
}

/**
 * Judges one transfer by its trace. One that was killed can say no more; one that failed must still have cleaned up
 * behind itself, must say why in an error of apr's own, and must have had a reason.
 */
export function judgePart(
  stage: Stage,
  part: Part,
  ended: Ended<unknown>,
  { mayFail = () => false }: PartOptions = {},
): void {
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
  if (!done) judgeFailure(stage, part.number, ended.error, mayFail);
  judgeRepairs(stage, part);
  judgeLeftovers(stage, part.started.process.pid, part.number);
}

/** Where nobody lied and nothing was lost, no chunk can be wrong: the bytes at fault would be the engine's own. */
function judgeRepairs(stage: Stage, { number, trace }: Part): void {
  if (stage.wasHit(...LIES)) return;
  const repair = trace.events.find(({ kind }) => kind === "repair");
  if (repair !== undefined) stage.broken("needless_repair", JSON.stringify(repair.data), number);
}

function judgeFailure(
  stage: Stage,
  number: number,
  thrown: unknown,
  mayFail: (code: unknown) => boolean,
): void {
  const error = asAprError(thrown);
  judgeError(stage, number, thrown);
  const code = error.fields["code"];
  if (stage.untouched && !mayFail(code)) stage.broken("needless_failure", error.message, number);
}

/** Every failure is one that a person can be told of. Anything else is a bug. */
export function judgeError(stage: Stage, number: number | null, error: unknown): void {
  if (asAprError(error).kind === "unexpected") stage.broken("unexpected_error", String(error), number);
}
