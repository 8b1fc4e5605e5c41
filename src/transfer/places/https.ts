import type { World } from "../../world/world.ts";
import type { NetAnswer } from "../../world/net.ts";
import { MEDIA } from "../../store/manifest.ts";
import { httpBlob } from "../http/blob.ts";
import { parseContentRange, parseLength, parseUnsatisfied } from "../http/content-range.ts";
import { isNetError } from "../http/errors.ts";
import { retrying } from "../http/retrying.ts";
import type { HttpClient } from "../http/types.ts";
import type { Remote, Wanted } from "../remote.ts";
import type { UrlReference } from "./reference-kinds.ts";
import { withoutQuery } from "./reference-url.ts";
import { statusError } from "./remote-errors.ts";
import { shared } from "./shared.ts";

export interface UrlDeps {
  readonly world: Pick<World, "clock" | "timers" | "random">;
  readonly client: HttpClient;
}

/** Servers and signed URLs that only know GET. */
const NO_HEAD: ReadonlySet<number> = new Set([400, 403, 405, 501]);
/** Of an answer that should be one byte; more says that the server has no ranges. */
const MAX_PROBE_BYTES = 65_536;

/** One file behind a URL. No credentials are ever sent to it. */
export function urlRemote(deps: UrlDeps, reference: UrlReference): Remote {
  const { url, title, digest } = reference;
  const name = withoutQuery(url);
  const lookAnew = (): ((signal: AbortSignal) => Promise<number | null>) =>
    shared((signal) => sizeOf(deps, url, signal));
  let look = lookAnew();
  let told = false;
  return {
    name,
    tag: reference.defaultTag,
    async resolve(signal) {
      // Asked again after an answer, it may have changed.
      if (told) look = lookAnew();
      told = false;
      const sizeBytes = await look(signal);
      told = true;
      const mediaType = title.endsWith(".json") ? MEDIA.json : MEDIA.model;
      return { kind: "files", files: [{ title, mediaType, sizeBytes, digest, identity: name }] };
    },
    async blob(wanted, signal) {
      if (wanted.digest !== null && digest !== null && wanted.digest !== digest) return null;
      const sizeBytes = await look(signal);
      if (!fits(reference, sizeBytes, wanted)) return null;
      return httpBlob({
        client: deps.client,
        auth: null,
        clock: deps.world.clock,
        url: () => url,
        name,
        sizeBytes: wanted.sizeBytes ?? sizeBytes,
      });
    },
  };
}

/** By digest or size; where neither is known, by name. What it sends is checked all the same. */
function fits({ digest, title }: UrlReference, sizeBytes: number | null, wanted: Wanted): boolean {
  if (sizeBytes !== null && wanted.sizeBytes !== null && sizeBytes !== wanted.sizeBytes) return false;
  if (digest !== null && wanted.digest === digest) return true;
  return (sizeBytes !== null && wanted.sizeBytes !== null) || wanted.title === title;
}

/** The file's size; null where the server does not tell. Throws `not-found` or `network`. */
async function sizeOf({ world, client }: UrlDeps, url: URL, signal: AbortSignal): Promise<number | null> {
  const headers = { "accept-encoding": "identity" };
  const head = await retrying(world, { signal }, () =>
    client.request({ method: "HEAD", url, headers, signal, maxBodyBytes: 0 }, null),
  );
  if (head.status >= 400 && !NO_HEAD.has(head.status)) throw refused(head.status, url);
  const told = head.status === 200 ? plainLength(head) : null;
  // Some servers answer HEAD with a length of 0 whatever the file is.
  if (told !== null && told > 0) return told;
  return await probedSize({ world, client }, url, signal);
}

/** Asks for the first byte: the answer tells the whole's size. */
async function probedSize({ world, client }: UrlDeps, url: URL, signal: AbortSignal): Promise<number | null> {
  const headers = { "accept-encoding": "identity", range: "bytes=0-0" };
  try {
    const answer = await retrying(world, { signal }, () =>
      client.request({ method: "GET", url, headers, signal, maxBodyBytes: MAX_PROBE_BYTES }, null),
    );
    if (answer.status === 206) return parseContentRange(answer.headers["content-range"])?.totalBytes ?? null;
    if (answer.status === 416) return parseUnsatisfied(answer.headers["content-range"]);
    if (answer.status === 200) return plainLength(answer) ?? answer.body.length;
    throw refused(answer.status, url);
  } catch (error) {
    if (tooLarge(error)) return null;
    throw error;
  }
}

function refused(status: number, url: URL): Error {
  const hint = "apr sends no credentials to a URL: give a signed one, or fetch it from a registry";
  return statusError(status, url, withoutQuery(url), status === 401 || status === 403 ? hint : undefined);
}

/** A compressed answer's length is not the file's. */
function plainLength({ headers }: Pick<NetAnswer, "headers">): number | null {
  const encoding = (headers["content-encoding"] ?? "").trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? parseLength(headers["content-length"]) : null;
}

/** The whole file came instead of its first byte. */
function tooLarge(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return isNetError(cause) && cause.failure === "too-large";
}
