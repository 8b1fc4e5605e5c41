import { AprError, systemCode } from "../../base/errors.ts";
import { type Incoming, NetError, type Outgoing } from "../../world/net.ts";
import { isOwnHost, showsToken } from "./access.ts";
import { answerEmpty, answerJson, refuse } from "./answers.ts";
import { answerBlob, answerParts } from "./blobs.ts";
import { answerCatalog, answerReferrers, answerTags } from "./lists.ts";
import { answerManifest } from "./manifests.ts";
import { continueUpload, startUpload } from "./push-blobs.ts";
import { pushManifest } from "./push-manifest.ts";
import { type Route, routeOf } from "./route.ts";
import type { Serving } from "./serving.ts";

const API_VERSION = { "docker-distribution-api-version": "registry/2.0" } as const;
const CHALLENGE = { "www-authenticate": 'Basic realm="apr"' } as const;
const READING: readonly string[] = ["GET", "HEAD"];
const MAX_LOGGED_PATH = 300;

/** Answers the requests of a registry. Whatever goes wrong in one of them is its answer. */
export function handlerFor(serving: Serving): (incoming: Incoming) => Promise<Outgoing> {
  return async (incoming) => {
    const { clock } = serving.world;
    const beganMs = clock.monotonicMs();
    const answer = await answerSafely(serving, incoming);
    const { method, target } = incoming;
    const { body } = answer;
    const sizeBytes = body === undefined || method === "HEAD" ? 0 : lengthOf(body);
    serving.config.onRequest?.({
      method: printable(method),
      path: printable(target.split("?", 1)[0] ?? ""),
      status: answer.status,
      sizeBytes,
      ms: clock.monotonicMs() - beganMs,
    });
    return { ...answer, headers: { ...API_VERSION, "x-content-type-options": "nosniff", ...answer.headers } };
  };
}

function lengthOf(body: NonNullable<Outgoing["body"]>): number {
  return body.kind === "file" ? body.sizeBytes : body.bytes.length;
}

/** A path is written by whoever asks: nothing in it may drive a terminal. */
function printable(text: string): string {
  return text.slice(0, MAX_LOGGED_PATH).replaceAll(/[^!-~]/g, "?");
}

async function answerSafely(serving: Serving, incoming: Incoming): Promise<Outgoing> {
  try {
    return await answer(serving, incoming);
  } catch (error) {
    return troubleOf(error);
  }
}

async function answer(serving: Serving, incoming: Incoming): Promise<Outgoing> {
  const { config } = serving;
  if (config.loopback && !isOwnHost(incoming.headers["host"], config.names)) {
    return refuse(403, "DENIED", "this server does not answer to that name");
  }
  const routed = routeOf(incoming.target);
  const { method } = incoming;
  if (routed.kind === "bad") return refuse(routed.status, routed.code, routed.message);
  const { route, query } = routed;
  const allowed = methodsOf(route, config.writeTokens.length > 0);
  if (!allowed.includes(method)) {
    return refuse(405, "UNSUPPORTED", "not done here", { allow: allowed.join(", ") });
  }
  const isWrite = !READING.includes(method) || route.kind === "upload";
  const tokens = isWrite ? config.writeTokens : config.readTokens;
  // A wrong password is told where clients log in, though anybody may read.
  const isLogin = route.kind === "base" && showsAny(incoming, tokens.length === 0 ? config.writeTokens : []);
  const asked = isLogin ? config.writeTokens : tokens;
  if ((isWrite || asked.length > 0) && !showsToken(serving.world.hash, incoming.headers, asked)) {
    return refuse(401, "UNAUTHORIZED", "a token is needed", CHALLENGE);
  }
  return READING.includes(method) && route.kind !== "upload"
    ? read(serving, route, query, incoming)
    : write(serving, route, query, incoming);
}

function showsAny({ headers }: Incoming, tokens: readonly string[]): boolean {
  return tokens.length > 0 && headers["authorization"] !== undefined;
}

function methodsOf(route: Route, writable: boolean): readonly string[] {
  switch (route.kind) {
    case "upload":
      return writable ? ["GET", "PATCH", "PUT", "DELETE"] : [];
    case "uploads":
      return writable ? ["POST"] : [];
    case "manifest":
      return writable ? [...READING, "PUT"] : READING;
    case "base":
    case "catalog":
    case "tags":
    case "blob":
    case "parts":
    case "referrers":
      return READING;
  }
}

async function read(
  serving: Serving,
  route: Route,
  query: URLSearchParams,
  incoming: Incoming,
): Promise<Outgoing> {
  switch (route.kind) {
    case "base":
      // Clients learn here how to log in, which they need for pushing; those that only read need not.
      return answerJson({}, serving.config.writeTokens.length > 0 ? CHALLENGE : {});
    case "catalog":
      return answerCatalog(serving, query);
    case "tags":
      return answerTags(serving, route.name, query);
    case "manifest":
      return answerManifest(serving, route.name, route.reference, incoming.headers);
    case "blob":
      return answerBlob(serving, route.name, route.digest, incoming);
    case "parts":
      return answerParts(serving, route.name, route.digest);
    case "referrers":
      return answerReferrers();
    case "uploads":
    case "upload":
      return answerEmpty(405);
  }
}

async function write(
  serving: Serving,
  route: Route,
  query: URLSearchParams,
  incoming: Incoming,
): Promise<Outgoing> {
  switch (route.kind) {
    case "uploads":
      return startUpload(serving, route.name, query, incoming);
    case "upload":
      return continueUpload(serving, route, query, incoming);
    case "manifest":
      return pushManifest(serving, route.name, route.reference, incoming);
    case "base":
    case "catalog":
    case "tags":
    case "blob":
    case "parts":
    case "referrers":
      return answerEmpty(405);
  }
}

/** Without the error's own words: they may name paths of this machine. */
function troubleOf(error: unknown): Outgoing {
  const code = error instanceof AprError ? error.fields["code"] : systemCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return refuse(507, "DENIED", "not enough disk space");
  if (code === "lease-lost")
    return refuse(404, "BLOB_UPLOAD_UNKNOWN", "the upload was cleared away: begin again");
  if (error instanceof NetError) return refuse(400, "UNKNOWN", "the request's body could not be read");
  return refuse(500, "UNKNOWN", "the server could not read or write its store");
}
