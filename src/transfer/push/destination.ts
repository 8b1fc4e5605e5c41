import { AprError } from "../../base/errors.ts";
import { type Digest, isDigest } from "../../store/digest.ts";
import { MAX_MANIFEST_BYTES } from "../../store/limits.ts";
import { MEDIA } from "../../store/manifest.ts";
import { manifestDigest } from "../../store/tags.ts";
import { ask, waitBefore } from "./ask.ts";
import type { PlannedManifest } from "./plan.ts";
import { digestMismatch, errorWord, hostOf, refusal } from "./refusal.ts";
import type { PushContext } from "./types.ts";

const ACCEPT = [
  MEDIA.ociManifest,
  MEDIA.dockerManifest,
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  MEDIA.ollamaList,
].join(", ");

/** The digest of the manifest that a reference has now; null when there is none. */
export async function digestThere(context: PushContext, reference: string): Promise<string | null> {
  const { api } = context;
  const url = api.url(`manifests/${reference}`);
  const answer = await ask(context, { method: "HEAD", url, headers: { accept: ACCEPT } });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw refusal(api, "look at the tag", answer);
  const told = answer.headers["docker-content-digest"];
  return isDigest(told) ? told : readDigest(context, reference, ACCEPT);
}

/** Refuses to replace another manifest. */
export function refuseOther(context: PushContext, reference: string, there: string): never {
  const { api } = context;
  throw new AprError("exists", `${api.name}:${reference} is there already, with another manifest`, {
    hint: "--force replaces it",
    fields: { code: "destination-exists", host: hostOf(api), reference, digest: there },
  });
}

/** Sends one manifest. The registry's word on its digest is compared. */
export async function putManifest(
  context: PushContext,
  { bytes, digest, mediaType }: PlannedManifest,
  reference: string,
): Promise<void> {
  const { api } = context;
  const answer = await ask(context, {
    method: "PUT",
    url: api.url(`manifests/${reference}`),
    headers: { "content-type": mediaType },
    body: { kind: "bytes", bytes },
  });
  if (answer.status < 200 || answer.status > 204) throw refusedManifest(context, answer, mediaType);
  const told = answer.headers["docker-content-digest"];
  if (told !== undefined && told !== digest) throw digestMismatch(api, digest, told);
}

/** Reads a manifest back under its name: its digest is what is really there. Throws when nobody finds it. */
export async function readBack(
  context: PushContext,
  { mediaType }: PlannedManifest,
  reference: string,
): Promise<Digest> {
  for (let looks = 1; ; looks++) {
    const actual = await readDigest(context, reference, mediaType);
    if (actual !== null) return actual;
    const gone = new AprError(
      "network",
      `${context.api.name}:${reference} is not there after it was pushed`,
      {
        hint: "try again; if it stays so, the registry, or a proxy before it, is at fault",
        fields: { code: "readback-missing", host: hostOf(context.api), reference },
      },
    );
    if (looks >= context.limits.tries) throw gone;
    // Some registries take a moment until they show what they took.
    await waitBefore(context, looks);
  }
}

async function readDigest(context: PushContext, reference: string, accept: string): Promise<Digest | null> {
  const { api } = context;
  const answer = await ask(context, {
    method: "GET",
    url: api.url(`manifests/${reference}`),
    headers: { accept },
    maxBodyBytes: MAX_MANIFEST_BYTES,
  });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw refusal(api, "read the tag", answer);
  return manifestDigest(context.store, answer.body);
}

function refusedManifest(
  context: PushContext,
  answer: Parameters<typeof refusal>[2],
  mediaType: string,
): AprError {
  if (answer.status !== 400 && answer.status !== 415) return refusal(context.api, "write the tag", answer);
  const word = errorWord(answer);
  const said = word === null ? `${answer.status}` : `${answer.status} ${word}`;
  return new AprError("network", `${context.api.name} does not take the manifest (${said})`, {
    hint: `its type is ${mediaType}: not every registry takes every type`,
    fields: { code: "manifest-refused", host: hostOf(context.api), status: answer.status },
  });
}
