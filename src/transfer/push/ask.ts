import type { NetAnswer, NetBody, NetMethod } from "../../world/net.ts";
import { isAprError, isNetError, networkError } from "../http/errors.ts";
import { failureOf, isRemoteError } from "../http/failure.ts";
import { backoffMs, retrying } from "../http/retrying.ts";
import type { PushContext } from "./types.ts";

export interface Asking {
  readonly method: NetMethod;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: NetBody;
  /** False for another host than the registry's. */
  readonly credentials?: boolean;
  readonly maxBodyBytes?: number;
}

/** No answer that says yes or no: the same may go better later. */
export interface Trouble {
  readonly kind: "trouble";
  readonly why: string;
  /** What the other side asked to wait. */
  readonly afterMs: number | null;
  /** The busy answer, or the error: what to tell when it does not go better. */
  readonly last: NetAnswer | Error;
}

export type Once = { readonly kind: "answer"; readonly answer: NetAnswer } | Trouble;

/** An error's body is small. */
const MAX_ERROR_BYTES = 64 * 1024;

/** One request. An abort throws the signal's reason; what would be the same tomorrow throws AprError `network`. */
export async function askOnce(context: PushContext, asking: Asking): Promise<Once> {
  try {
    const answer = await send(context, asking);
    if (answer.status < 400) return { kind: "answer", answer };
    const { retry, why, afterMs } = failureOf(answer, context.world.clock);
    if (retry === "never") return { kind: "answer", answer };
    return { kind: "trouble", why, afterMs, last: answer };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isRemoteError(error)) throw error;
    const { retry, code, afterMs } = failureOf(error, context.world.clock);
    const last = networkError(error);
    if (retry === "never" || code === "too-large") throw last;
    return { kind: "trouble", why: code, afterMs, last };
  }
}

/** Asks again, with longer and longer waits, until there is an answer; the last one may still be a busy one. */
export async function ask(context: PushContext, asking: Asking): Promise<NetAnswer> {
  const { limits, signal, world } = context;
  const policy = { signal, tries: limits.tries, baseMs: limits.firstWaitMs, maxMs: limits.longestWaitMs };
  return retrying(world, policy, () => send(context, asking));
}

/** Waits before the next try: as long as the other side asked for, or longer after each failure. */
export async function waitBefore(
  context: PushContext,
  failures: number,
  afterMs: number | null = null,
): Promise<void> {
  const { limits, world, signal } = context;
  const policy = { baseMs: limits.firstWaitMs, maxMs: limits.longestWaitMs };
  await world.timers.sleep(afterMs ?? backoffMs(world.random, failures, policy), signal);
  signal.throwIfAborted();
}

/** An error for a person that has this code. */
export function hasCode(error: unknown, code: string): boolean {
  return isAprError(error) && error.fields["code"] === code;
}

/** True for what the other side, or the way there, is to blame for. */
export function isTheirs(error: unknown): boolean {
  return isNetError(error) || isRemoteError(error);
}

function send({ api, signal }: PushContext, asking: Asking): Promise<NetAnswer> {
  const { method, url, headers, body, credentials = true, maxBodyBytes = MAX_ERROR_BYTES } = asking;
  const optional = { ...(headers === undefined ? {} : { headers }), ...(body === undefined ? {} : { body }) };
  return api.client.request(
    { method, url, ...optional, signal, maxBodyBytes },
    credentials ? api.auth : null,
  );
}
