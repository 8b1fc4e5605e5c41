import type { Digest } from "../../store/digest.ts";
import type { NetAnswer, NetBody } from "../../world/net.ts";
import type { RegistryApi } from "../registry/api.ts";
import { type Asking, ask, askOnce, type Trouble } from "./ask.ts";
import { placeOf, type UploadPlace, withDigest } from "./location.ts";
import { refusal } from "./refusal.ts";
import { leastPiece, standingOf } from "./standing.ts";
import type { PushContext } from "./types.ts";

// The requests of one upload, each with what its answer means. When to send which is decided in upload.ts.

export type Begun =
  | { readonly kind: "mounted"; readonly told: string | undefined }
  | { readonly kind: "session"; readonly place: UploadPlace; readonly leastBytes: number }
  /** The registry does not let this repository be mounted from. */
  | { readonly kind: "no" };

export type Step =
  /** This many bytes are there. */
  | { readonly kind: "stands"; readonly offsetBytes: number; readonly place: UploadPlace }
  /** The blob is complete; `told` is the digest that the registry names. */
  | { readonly kind: "done"; readonly told: string | undefined }
  /** It stands elsewhere: ask where. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "too-large"; readonly answer: NetAnswer }
  /** The session is over. */
  | { readonly kind: "lost"; readonly why: string; readonly answer: NetAnswer }
  | Trouble;

const EMPTY: NetBody = { kind: "bytes", bytes: new Uint8Array(0) };
const OCTETS = { "content-type": "application/octet-stream" } as const;

export function registryUrl(api: RegistryApi): URL {
  return api.url("blobs/uploads/");
}

/** Begins an upload; with `mount`, asks first for the blob from another repository. */
export async function begin(
  context: PushContext,
  mount?: { readonly digest: Digest; readonly from: string },
): Promise<Begun> {
  const { api } = context;
  const url = new URL(registryUrl(api).href);
  if (mount !== undefined) {
    url.search = `?mount=${encodeURIComponent(mount.digest)}&from=${encodeURIComponent(mount.from)}`;
  }
  const answer = await ask(context, { method: "POST", url, body: EMPTY });
  if (mount !== undefined && answer.status === 201) {
    return { kind: "mounted", told: answer.headers["docker-content-digest"] };
  }
  if (answer.status === 202) {
    return {
      kind: "session",
      place: placeOf(answer.headers["location"], url, registryUrl(api)),
      leastBytes: leastPiece(answer.headers["oci-chunk-min-length"]),
    };
  }
  if (mount !== undefined) return { kind: "no" };
  throw refusal(api, "begin an upload", answer);
}

/** Asks where an upload stands. */
export async function where(context: PushContext, place: UploadPlace): Promise<Step> {
  const once = await askOnce(context, { method: "GET", ...place });
  if (once.kind === "trouble") return once;
  const { status, headers } = once.answer;
  if (status !== 204 && status !== 202 && status !== 200) return lostOrRefused(context, once.answer);
  const offsetBytes = standingOf(headers["range"]);
  if (offsetBytes === null) return { kind: "lost", why: "does not say where it stands", answer: once.answer };
  return { kind: "stands", offsetBytes, place: nextPlace(context, place, once.answer) };
}

/** Sends one piece. */
export async function sendPiece(
  context: PushContext,
  place: UploadPlace,
  body: NetBody & { readonly kind: "file" },
): Promise<Step> {
  const first = body.offsetBytes;
  const end = first + body.sizeBytes;
  const headers = { ...OCTETS, "content-range": `${first}-${end - 1}` };
  const once = await askOnce(context, { method: "PATCH", ...place, headers, body });
  if (once.kind === "trouble") return once;
  const { status, headers: told } = once.answer;
  if (status === 416) return { kind: "elsewhere" };
  if (status === 413) return { kind: "too-large", answer: once.answer };
  if (status < 200 || status > 204) return lostOrRefused(context, once.answer);
  const offsetBytes = told["range"] === undefined ? end : standingOf(told["range"]);
  if (offsetBytes === null || offsetBytes > end) {
    return { kind: "lost", why: "stands where nothing was sent to", answer: once.answer };
  }
  return { kind: "stands", offsetBytes, place: nextPlace(context, place, once.answer) };
}

/** Ends an upload: the registry compares the digest. `body` is the whole blob, or nothing when all of it was sent. */
export async function finish(
  context: PushContext,
  place: UploadPlace,
  digest: Digest,
  body: NetBody | null,
): Promise<Step> {
  const asking: Asking = {
    method: "PUT",
    url: withDigest(place, digest),
    credentials: place.credentials,
    headers: OCTETS,
    body: body ?? EMPTY,
  };
  const once = await askOnce(context, asking);
  if (once.kind === "trouble") return once;
  const { status, headers } = once.answer;
  if (status === 416) return { kind: "elsewhere" };
  if (status === 413) return { kind: "too-large", answer: once.answer };
  if (status < 200 || status > 204) return lostOrRefused(context, once.answer);
  return { kind: "done", told: headers["docker-content-digest"] };
}

/** Tells the registry that a session is not needed. It would run out by itself, so nothing depends on it. */
export async function discard(context: PushContext, place: UploadPlace): Promise<void> {
  await askOnce(context, { method: "DELETE", ...place });
}

/** The latest place counts; a registry that names none means the same one. */
function nextPlace({ api }: PushContext, place: UploadPlace, { headers }: NetAnswer): UploadPlace {
  const { location } = headers;
  return location === undefined ? place : placeOf(location, place.url, registryUrl(api));
}

/** 401, 403 and their like end the push; what is about this one session does not. */
function lostOrRefused({ api }: PushContext, answer: NetAnswer): Step {
  if ([400, 404, 405, 409, 410, 416, 501].includes(answer.status)) {
    return { kind: "lost", why: `answered ${answer.status}`, answer };
  }
  throw refusal(api, "upload a blob", answer);
}
