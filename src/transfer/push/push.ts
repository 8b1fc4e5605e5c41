import { AprError } from "../../base/errors.ts";
import { requireTag } from "../../store/copy-tag.ts";
import { type Digest, isDigest } from "../../store/digest.ts";
import { requireBlobs } from "../../store/publish.ts";
import { formatRef } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { withWork } from "../../store/work.ts";
import { Obligations } from "../obligations.ts";
import { Region } from "../region.ts";
import type { RegistryApi } from "../registry/api.ts";
import type { TransferWorld } from "../world.ts";
import { sendBlob } from "./blob.ts";
import { digestThere, putManifest, readBack, refuseOther } from "./destination.ts";
import { checkMountFrom, mountCandidates } from "./mounts.ts";
import { type PlannedManifest, planPush, type PushPlan } from "./plan.ts";
import { digestMismatch, hostOf } from "./refusal.ts";
import { DEFAULT_LIMITS, type PushContext, type Pushed, type PushRequest, type PushTotals } from "./types.ts";
import { UploadJournal } from "./upload-journal.ts";

/** A tag at a registry. Source: OCI distribution specification 1.1. */
const REFERENCE = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Sends one tag to a registry: every blob, then its manifest, byte for byte, and then looks at what is there.
 *
 * Throws AprError: `not-found` (tag, blob, repository), `malformed` (damaged blob), `exists` (another manifest has the
 * name), `network`, `io`; or the signal's reason. Uploads that were cut short are gone on with by the next push.
 */
export async function push(
  world: TransferWorld,
  store: Store,
  api: RegistryApi,
  request: PushRequest,
): Promise<Pushed> {
  try {
    return await pushTag(world, store, api, request);
  } catch (error) {
    // Whoever stopped it is told so, whatever else failed until that was noticed.
    request.signal.throwIfAborted();
    throw error;
  }
}

async function pushTag(
  world: TransferWorld,
  store: Store,
  api: RegistryApi,
  request: PushRequest,
): Promise<Pushed> {
  const mountFrom = checkMountFrom(api, request.mountFrom);
  const plan = await planPush(store, await requireTag(store, request.ref));
  checkReference(request.reference, plan.top.digest);
  const { emit, signal } = request;
  const obligations = new Obligations(emit);
  const key = [plan.top.digest, hostOf(api), api.repository, request.reference];
  const journal = await UploadJournal.open(store, key, () => {
    emit("message", { message: "the push journal cannot be written: a push that is killed starts anew" });
  });
  const totals: PushTotals = { sentBytes: 0, mountedBytes: 0, skippedBytes: 0, resumedBytes: 0 };
  const context: PushContext = {
    ...{ world, store, api, emit, signal, obligations, journal, totals },
    limits: { ...DEFAULT_LIMITS, ...request.limits },
    tell: (progress) => request.onProgress?.(progress),
  };
  const lease = obligations.reserve("lease", plan.top.digest);
  try {
    const same = await withWork(store, async (work) => {
      await work.name([...plan.required.map(({ digest }) => digest)]);
      await requireBlobs(store, plan.required);
      return sendAll(context, plan, { ...request, mountFrom });
    });
    lease.commit();
    return result(context, plan, request, same);
  } finally {
    if (lease.open()) lease.abort("failed");
  }
}

/** True when everything was there already. */
async function sendAll(context: PushContext, plan: PushPlan, request: PushRequest): Promise<boolean> {
  const region = new Region(context.emit, "push", request.signal);
  let same = false;
  try {
    await run(region, "look", context, async (inTask) => {
      const there = await digestThere(inTask, request.reference);
      same = there === plan.top.digest;
      if (same) {
        await confirm(inTask, plan.top, request.reference);
        // Left by a push that was killed after it had sent everything.
        await inTask.journal.remove();
        return;
      }
      if (there !== null && !request.force) refuseOther(inTask, request.reference, there);
    });
    if (!same && !region.cancelled) await sendBlobs(region, context, plan, request);
    if (!same && !region.cancelled) {
      await run(region, "manifest", context, (inTask) => sendManifests(inTask, plan, request));
    }
  } finally {
    // Throws the first failure of any task.
    await region.close();
  }
  return same;
}

/** Some at a time, begun in manifest order. */
async function sendBlobs(
  region: Region,
  context: PushContext,
  plan: PushPlan,
  { mountFrom }: PushRequest,
): Promise<void> {
  const digests = plan.blobs.map(({ digest }) => digest);
  const candidates = await mountCandidates(context, context.store, digests, mountFrom);
  context.tell({ kind: "total", bytes: plan.sizeBytes });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < plan.blobs.length && !region.cancelled) {
      const blob = plan.blobs[next++];
      if (blob === undefined) return;
      await run(region, blob.digest, context, (inTask) => sendBlob(inTask, blob, candidates(blob.digest)));
    }
  };
  await Promise.all(Array.from({ length: context.limits.lanes }, lane));
}

/** Everything that they name is there by now. */
async function sendManifests(context: PushContext, plan: PushPlan, request: PushRequest): Promise<void> {
  const { reference, force } = request;
  for (const each of plan.inner) await putManifest(context, each, each.digest);
  // Sending takes long: somebody else may have pushed meanwhile.
  const there = force ? null : await digestThere(context, reference);
  if (there !== null && there !== plan.top.digest) refuseOther(context, reference, there);
  await putManifest(context, plan.top, reference);
  context.emit("exposed", { what: "manifest", name: reference, digest: plan.top.digest });
  await confirm(context, plan.top, reference);
  await context.journal.remove();
}

/** What is there is what was meant. */
async function confirm(context: PushContext, meant: PlannedManifest, reference: string): Promise<void> {
  const actual = await readBack(context, meant, reference);
  context.emit("manifest", { expected: meant.digest, actual });
  context.emit("published", { digest: actual });
  if (actual !== meant.digest) throw digestMismatch(context.api, meant.digest, actual);
}

/** A task of the region. Its failure is the region's to tell. */
async function run(
  region: Region,
  name: string,
  context: PushContext,
  work: (inTask: PushContext) => Promise<void>,
): Promise<void> {
  const task = region.spawn(name, (signal) => work({ ...context, signal }));
  await task.result.catch(() => undefined);
}

function result(
  { api, totals }: PushContext,
  { top, sizeBytes }: PushPlan,
  { ref, reference }: PushRequest,
  same: boolean,
): Pushed {
  const { digest } = top;
  const where = { name: api.name, repository: api.repository, reference };
  return { tag: formatRef(ref), digest, ...where, sizeBytes, ...totals, same };
}

function checkReference(reference: string, digest: Digest): void {
  if (isDigest(reference) ? reference === digest : REFERENCE.test(reference)) return;
  throw new AprError("usage", `not a tag for a registry: ${JSON.stringify(reference.slice(0, 200))}`, {
    hint: "1 to 128 letters, digits, . _ -; or the digest of the manifest itself",
    fields: { code: "invalid-reference" },
  });
}
