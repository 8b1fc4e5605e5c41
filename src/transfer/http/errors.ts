import { AprError, type ErrorDetails } from "../../base/errors.ts";
import type { NetError, NetFailure } from "../../world/net.ts";

/** What a person can do about each failure. */
const HINTS: Readonly<Record<NetFailure, string>> = {
  dns: "check the host's name and that this machine is online",
  refused: "check that the server runs and that the port is right",
  unreachable: "check that this machine is online",
  tls: "check the host's name, its certificate and this machine's clock",
  timeout: "try again later; the other side, or the way there, is slow",
  cut: "try again: a transfer goes on where it stopped",
  protocol: "check that the URL is of a server that speaks HTTP as it should",
  "too-large": "check that the URL is what you mean: its answer is larger than it may be",
};

/** Bundles are cut into chunks, so that one class may be there twice: the shape decides. */
export function isNetError(error: unknown): error is NetError {
  return error instanceof Error && error.name === "NetError" && "failure" in error && "host" in error;
}

/** The same of an error for a person. */
export function isAprError(error: unknown): error is AprError {
  return error instanceof Error && error.name === "AprError" && "kind" in error;
}

/** A NetError as an AprError `network` with its code, host and what to do; any other error as it is. */
export function networkError(error: unknown): Error {
  if (isNetError(error)) {
    return new AprError("network", error.message, {
      hint: HINTS[error.failure],
      fields: { code: error.failure, host: error.host },
      cause: error,
    });
  }
  return error instanceof Error ? error : new AprError("unexpected", String(error));
}

/** An AprError `network` with one of the codes below. */
export function httpError(code: HttpCode, url: URL, message: string, details: ErrorDetails = {}): AprError {
  return new AprError("network", message, {
    ...details,
    fields: { ...details.fields, code, host: url.host },
  });
}

/** What can be wrong with a conversation besides a NetFailure. */
export type HttpCode =
  | "auth"
  | "not-found"
  | "status"
  | "redirect-loop"
  | "too-many-redirects"
  | "insecure-redirect"
  | "bad-redirect"
  | "protocol";

/** Longest path that stands in a message. */
const MAX_PATH_CHARS = 120;

/** A URL for messages: no user, password, query or fragment. */
export function safeUrl(url: URL): string {
  const path =
    url.pathname.length > MAX_PATH_CHARS ? `${url.pathname.slice(0, MAX_PATH_CHARS)}…` : url.pathname;
  return `${url.protocol}//${url.host}${path}`;
}
