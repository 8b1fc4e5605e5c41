import type { Descriptor } from "../../store/manifest.ts";
import { isTheirs, waitBefore } from "./ask.ts";
import { placeOf } from "./location.ts";
import { begin, type Begun, discard, registryUrl, where } from "./session.ts";
import type { PushContext } from "./types.ts";
import type { Session } from "./upload.ts";

export type SessionOrMounted =
  | { readonly kind: "mounted"; readonly told: string | undefined }
  | { readonly kind: "session"; readonly session: Session };

/** Goes on with the session of an earlier push, or mounts the blob from another repository, or begins anew. */
export async function beginSession(
  context: PushContext,
  blob: Descriptor,
  mountFrom: readonly string[],
): Promise<SessionOrMounted> {
  const kept = await keptSession(context, blob);
  if (kept !== null) return { kind: "session", session: kept };
  let begun: Begun = { kind: "no" };
  for (const from of mountFrom) {
    // Each candidate that is not mounted opens a session: only the last one is needed.
    if (begun.kind === "session") await discard(context, begun.place);
    begun = await tryMount(context, blob, from);
    if (begun.kind === "mounted") return begun;
  }
  if (begun.kind === "no") begun = await begin(context);
  if (begun.kind !== "session") throw new Error(`an upload began as ${begun.kind}`);
  const { place, leastBytes } = begun;
  if (blob.sizeBytes > context.limits.monolithicBytes) {
    await context.journal.put(blob.digest, place.url.href);
  }
  return { kind: "session", session: { place, leastBytes, offsetBytes: 0 } };
}

/** From the journal, if the registry still knows it. */
async function keptSession(context: PushContext, blob: Descriptor): Promise<Session | null> {
  const { api, journal } = context;
  const location = journal.location(blob.digest);
  if (location === null) return null;
  try {
    const home = registryUrl(api);
    const place = placeOf(location, home, home);
    let step = await where(context, place);
    for (let failures = 1; step.kind === "trouble" && failures < context.limits.tries; failures++) {
      await waitBefore(context, failures, step.afterMs);
      step = await where(context, place);
    }
    if (step.kind === "stands" && step.offsetBytes <= blob.sizeBytes) {
      return { place: step.place, leastBytes: 0, offsetBytes: step.offsetBytes };
    }
  } catch (error) {
    if (context.signal.aborted || !isTheirs(error)) throw error;
  }
  await journal.drop(blob.digest);
  return null;
}

/** A mount only saves time: whatever is wrong with it, the blob can be sent. */
async function tryMount(context: PushContext, { digest }: Descriptor, from: string): Promise<Begun> {
  try {
    return await begin(context, { digest, from });
  } catch (error) {
    if (context.signal.aborted || !isTheirs(error)) throw error;
    return { kind: "no" };
  }
}
