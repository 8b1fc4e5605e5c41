import { AprError } from "../base/errors.ts";
import type { EmitTransfer } from "../evidence/transfer-events.ts";
import { transfersFolder } from "../store/layout.ts";
import { uniqueBlobs } from "../store/list.ts";
import { requireBlobs, syncTag, tagExists } from "../store/publish.ts";
import { formatRef, type Ref } from "../store/ref.ts";
import { removeMade, type Store } from "../store/store.ts";
import { manifestDigest, readTag } from "../store/tags.ts";
import { withWork } from "../store/work.ts";
import { readJournal } from "./journal/journal.ts";
import { MAX_PATHS, MAX_RESTARTS } from "./limits.ts";
import type { Pulled, PullRequest } from "./pull-request.ts";
import { recall } from "./recall.ts";
import type { Resolved } from "./remote.ts";
import { runSession } from "./session.ts";
import { holdsSubject, identityOf, sha256Of, subjectOf } from "./subject.ts";
import { abandon, claim, type Claimed, release, workplaces } from "./workplace.ts";
import type { TransferWorld } from "./world.ts";

// A pull: what is it (resolve) → what of it is missing (subject) → a folder of its own (claim) → the session:
// journal, room for all of it, fetch and verify, place and publish → the folder is cleared away.

/** Brings a model into the store. Throws AprError; what came until then stays for the next run, where that pays. */
export async function pull(world: TransferWorld, store: Store, request: PullRequest): Promise<Pulled> {
  try {
    return await pullInto(world, store, request);
  } catch (error) {
    // Only what is empty: a store that was made for this pull, and not what is kept for the next run.
    await removeMade(store);
    throw error;
  }
}

async function pullInto(world: TransferWorld, store: Store, request: PullRequest): Promise<Pulled> {
  if (request.remotes.length > MAX_PATHS) {
    throw new AprError("usage", `more than ${MAX_PATHS} sources`, { fields: { code: "too-many-sources" } });
  }
  for (let change = 1; ; change++) {
    const resolved = await resolveOrRecall(world, store, request);
    checkManifest(store, request.emit, resolved);
    try {
      return await pullResolved({ world, store, request, resolved, label: change === 1 ? "" : `${change}-` });
    } catch (error) {
      if (change > MAX_RESTARTS || !hasChanged(error, resolved)) throw error;
      request.tell({ kind: "restart", blob: request.ref, why: (error as AprError).message });
    }
  }
}

/** A file without a digest is another one now: its size, and all that was planned by it, is asked for again. */
function hasChanged(error: unknown, resolved: Resolved): boolean {
  if (resolved.kind === "image" || resolved.files.every(({ digest }) => digest !== null)) return false;
  return error instanceof AprError && ["changed", "size"].includes(String(error.fields["code"]));
}

/** One try: what is to be pulled does not change in it. */
interface Try {
  readonly world: TransferWorld;
  readonly store: Store;
  readonly request: PullRequest;
  readonly resolved: Resolved;
  readonly label: string;
}

async function pullResolved(tried: Try): Promise<Pulled> {
  const { request, resolved, store } = tried;
  for (;;) {
    const same = await alreadyThere(store, request, resolved);
    const id = transferId(store, request.target, identityOf(resolved));
    if (same !== null) {
      await clearDead(store, id);
      return same;
    }
    const { tell, signal } = request;
    const claimed = await claim(store, id, signal, (pid) => tell({ kind: "waiting", pid }));
    // Somebody else has finished the same transfer, or has given it up.
    if (claimed === null) continue;
    const done = await workIn(tried, id, claimed);
    await clearDead(store, id);
    return done;
  }
}

async function workIn(tried: Try, id: string, { folder, resumed }: Claimed): Promise<Pulled> {
  const { label, request, resolved, store, world } = tried;
  let begun = false;
  try {
    return await withWork(store, async (work) => {
      let subject = await subjectOf(store, resolved);
      if (subject.known.length > 0) {
        // Named first, looked for afterwards: what is found now stays.
        const before = subject;
        await work.name(before.known);
        subject = await subjectOf(store, resolved);
      }
      begun = true;
      return runSession({ world, store, work, request, subject, id, label, folder });
    });
  } catch (error) {
    // From its beginning on, the session decides what becomes of the folder.
    if (!begun)
      await (resumed ? release(store, id, folder) : world.files.remove(folder)).catch(() => undefined);
    throw error;
  }
}

/** The same content under the same tag is the same transfer: 16 hex digits. */
function transferId(store: Store, target: Ref, identity: string): string {
  return sha256Of(store, `${formatRef(target)}\n${identity}`).slice("sha256:".length, "sha256:".length + 16);
}

/** Asks what the model is; where nobody answers, an earlier run of the same pull may know. */
async function resolveOrRecall(world: TransferWorld, store: Store, request: PullRequest): Promise<Resolved> {
  const [first] = request.remotes;
  if (first === undefined) throw new AprError("usage", "nothing to pull");
  try {
    return await first.resolve(request.signal);
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof AprError) || error.kind !== "network") throw error;
    for (const { name } of await workplaces(store)) {
      const folder = `${transfersFolder(store.root)}/${name}`;
      const { begin } = await readJournal(world, `${folder}/journal`);
      if (begin?.ref !== request.ref || begin.tag !== formatRef(request.target)) continue;
      const resolved = await recall(store, folder);
      if (resolved !== null) return resolved;
    }
    throw error;
  }
}

/** What came must be what was meant, whoever has checked it before. */
function checkManifest(store: Store, emit: EmitTransfer, resolved: Resolved): void {
  if (resolved.kind !== "image") return;
  const actual = manifestDigest(store, resolved.bytes);
  emit("manifest", { expected: resolved.expected, actual });
  if (actual !== resolved.expected) {
    throw new AprError("malformed", `wrong manifest: expected ${resolved.expected}, got ${actual}`, {
      hint: "the registry serves another manifest than it says; pull by @sha256:… or from another source",
      fields: { code: "manifest-mismatch", expected: resolved.expected, actual },
    });
  }
}

/** Null when there is something to do. Throws `exists` for a tag with other content that may not be replaced. */
async function alreadyThere(store: Store, request: PullRequest, resolved: Resolved): Promise<Pulled | null> {
  const entry = await readTag(store, request.target);
  if (entry === null) return null;
  if (entry.kind === "tag" && holdsSubject(store, entry, resolved)) {
    const blobs = uniqueBlobs(entry.image);
    const whole = await requireBlobs(store, blobs).then(
      () => true,
      () => false,
    );
    // A tag whose blobs are damaged is mended by fetching them again.
    if (!whole) return null;
    await syncTag(store, request.target);
    const digest = manifestDigest(store, entry.imageBytes);
    if (resolved.kind === "files") request.emit("manifest", { expected: digest, actual: digest });
    request.emit("published", { digest });
    const sizeBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
    const nothing = { resumedBytes: 0, sources: [], repairs: 0, created: false } as const;
    return { tag: formatRef(request.target), digest, sizeBytes, knownBytes: sizeBytes, ...nothing };
  }
  if (!request.replace) throw tagExists(request.target, "--force replaces it, --as NAME pulls beside it");
  return null;
}

/** A process that was killed after it had published leaves its folder. */
async function clearDead(store: Store, id: string): Promise<void> {
  for (const place of await workplaces(store)) {
    if (place.id === id) await abandon(store, place).catch(() => undefined);
  }
}
