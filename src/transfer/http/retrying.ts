import type { NetHead } from "../../world/net.ts";
import type { World } from "../../world/world.ts";
import type { SourceFailure } from "../source.ts";
import { networkError } from "./errors.ts";
import { failureOf, isRemoteError } from "./failure.ts";

export interface RetryPolicy {
  readonly signal: AbortSignal;
  /** At most this many, the first included. */
  readonly tries?: number;
  /** The first wait is at most this, each next one twice as long. */
  readonly baseMs?: number;
  readonly maxMs?: number;
}

const DEFAULT_TRIES = 5;
/** Half a second, then 1, 2 and 4: a server that restarts is back within that. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 15_000;

/**
 * Asks again, with growing waits, while the other side says `soon`: by an error or by a status such as 503.
 * Resolves with the last answer, whatever its status. Throws AprError (`network` for a NetError), or the signal's reason.
 */
export async function retrying<Answer extends NetHead>(
  world: Pick<World, "random" | "timers" | "clock">,
  policy: RetryPolicy,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { signal, tries = DEFAULT_TRIES } = policy;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const outcome = await once(work, signal, world);
    const failure = outcome.failure;
    if (failure === null || !mayPass(failure) || attempt >= tries) return finish(outcome);
    await world.timers.sleep(failure.afterMs ?? backoffMs(world.random, attempt, policy), signal);
  }
}

/** An answer that is too large for what was asked will be so again. */
function mayPass({ code, retry }: SourceFailure): boolean {
  return retry === "soon" && code !== "too-large";
}

type Outcome<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer; readonly failure: SourceFailure | null }
  | { readonly kind: "error"; readonly error: unknown; readonly failure: SourceFailure };

async function once<Answer extends NetHead>(
  work: () => Promise<Answer>,
  signal: AbortSignal,
  world: Pick<World, "clock">,
): Promise<Outcome<Answer>> {
  try {
    const answer = await work();
    return { kind: "answer", answer, failure: answer.status < 400 ? null : failureOf(answer, world.clock) };
  } catch (error) {
    signal.throwIfAborted();
    if (!isRemoteError(error)) throw error;
    return { kind: "error", error, failure: failureOf(error, world.clock) };
  }
}

function finish<Answer>(outcome: Outcome<Answer>): Answer {
  if (outcome.kind === "answer") return outcome.answer;
  throw networkError(outcome.error);
}

/** Exponential backoff with full jitter above its half: many clients of one server must not come back together. */
export function backoffMs(
  random: World["random"],
  attempt: number,
  { baseMs = RETRY_BASE_MS, maxMs = RETRY_MAX_MS }: Pick<RetryPolicy, "baseMs" | "maxMs">,
): number {
  const most = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  const [high = 0, low = 0] = random.bytes(2);
  return Math.round((most / 2) * (1 + (high * 256 + low) / 65_535));
}
