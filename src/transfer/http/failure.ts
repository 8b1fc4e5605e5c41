import type { Clock } from "../../world/clock.ts";
import type { NetHead } from "../../world/net.ts";
import type { SourceFailure } from "../source.ts";
import { isAprError, isNetError } from "./errors.ts";
import { retryAfterMs } from "./retry-after.ts";

type WallClock = Pick<Clock, "wallMs">;

/** Statuses that may be gone with the next try. */
const SOON: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Codes of an AprError that mean the same tomorrow. */
const NEVER: ReadonlySet<string> = new Set([
  "tls",
  "auth",
  "not-found",
  "redirect-loop",
  "too-many-redirects",
  "insecure-redirect",
  "bad-redirect",
]);

/** True for an error that says something about the other side; a full disk or a bug is none of a source's doing. */
export function isRemoteError(error: unknown): boolean {
  return isNetError(error) || (isAprError(error) && REMOTE_KINDS.has(error.kind));
}

const REMOTE_KINDS: ReadonlySet<string> = new Set(["network", "not-found", "malformed"]);

/** A source's failure from an answer's head, a NetError or an AprError. Anything else is no failure of a source and is thrown again. */
export function failureOf(what: unknown, clock: WallClock): SourceFailure {
  if (isNetError(what)) {
    return failure(what.failure, what.message, NEVER.has(what.failure) ? "never" : "soon");
  }
  if (isAprError(what) && REMOTE_KINDS.has(what.kind)) {
    const code = what.fields["code"];
    const retry = what.kind !== "network" || (typeof code === "string" && NEVER.has(code)) ? "never" : "soon";
    return failure(typeof code === "string" ? code : what.kind, what.message, retry);
  }
  if (isHead(what)) return statusFailure(what, clock);
  throw what;
}

function statusFailure(head: NetHead, clock: WallClock): SourceFailure {
  const { status } = head;
  const why = `answered ${status}`;
  if (SOON.has(status))
    return failure("status", why, "soon", retryAfterMs(head.headers["retry-after"], clock));
  if (status === 401 || status === 403) return failure("auth", why, "never");
  if (status === 404 || status === 410) return failure("not-found", why, "never");
  return failure("status", why, "never");
}

function failure(
  code: string,
  why: string,
  retry: SourceFailure["retry"],
  afterMs: number | null = null,
): SourceFailure {
  return { kind: "failed", code, why, retry, afterMs };
}

function isHead(what: unknown): what is NetHead {
  return typeof what === "object" && what !== null && "status" in what && typeof what.status === "number";
}
