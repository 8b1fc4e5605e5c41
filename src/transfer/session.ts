import { AprError, asAprError, systemCode } from "../base/errors.ts";
import { formatBytes } from "../base/units.ts";
import type { Store } from "../store/store.ts";
import { blobPath } from "../store/layout.ts";
import type { Descriptor } from "../store/manifest.ts";
import { formatRef } from "../store/ref.ts";
import { LeaseLost, type Work } from "../store/work.ts";
import type { Digest } from "../store/digest.ts";
import { type Commit, commitFiles, commitImage, digestOfJob, NO_MODEL } from "./commit.ts";
import { fetchAll } from "./fetch/fetcher.ts";
import type { Job } from "./fetch/job.ts";
import { Path } from "./fetch/path.ts";
import { Journal } from "./journal/journal.ts";
import { journaledBytes, type Replayed } from "./journal/replay.ts";
import { KEEP_BYTES, WORKERS_ALONE, WORKERS_EACH } from "./limits.ts";
import { Obligations } from "./obligations.ts";
import { prepareJob } from "./prepare.ts";
import { requireRoom } from "./preflight.ts";
import type { Pulled, PullRequest } from "./pull-request.ts";
import { remember } from "./recall.ts";
import type { Remote, RemoteFile } from "./remote.ts";
import { Region } from "./region.ts";
import { fileKey, imageBlobs, type Subject } from "./subject.ts";
import type { Transfer } from "./transfer.ts";
import { beat, release } from "./workplace.ts";
import type { TransferWorld } from "./world.ts";

export interface Session {
  readonly world: TransferWorld;
  readonly store: Store;
  readonly work: Work;
  readonly request: PullRequest;
  readonly subject: Subject;
  readonly id: string;
  /** See `Transfer`. */
  readonly label: string;
  /** Of this transfer alone. */
  readonly folder: string;
}

/** One run of a pull, from its journal on. Leaves its folder only when there is something to go on from. */
export async function runSession(session: Session): Promise<Pulled> {
  const { folder, label, request, store, world } = session;
  const { emit } = request;
  const obligations = new Obligations(emit, label);
  const lease = obligations.reserve("lease", "work");
  const held = obligations.reserve("journal", "journal");
  const jobs: Job[] = [];
  let [journal, replayed]: [Journal | null, Replayed | null] = [null, null];
  try {
    const opened = await Journal.open(world, `${folder}/journal`, emit);
    ({ journal, replayed } = opened);
    const { options, tell } = request;
    const transfer = { world, store, emit, obligations, journal, folder, label, options, tell };
    const done = await whileBeating(session, transfer, (signal) =>
      run({ ...session, request: { ...request, signal } }, transfer, opened.replayed, jobs),
    );
    await journal.close();
    await world.files.remove(folder);
    held.commit();
    lease.commit();
    return done;
  } catch (error) {
    for (const job of jobs) job.temp?.abort("kept for the next run, or cleared away");
    held.abort("the transfer stopped");
    lease.abort("the transfer stopped");
    // What fails now as well is not the reason.
    await journal?.close().catch(() => undefined);
    throw await leave(session, haveBytes(jobs, replayed), error);
  }
}

/** Shows that the transfer lives while it works, and stops it when another machine has taken it over. */
async function whileBeating<T>(
  { folder, request, store }: Session,
  { emit, label }: Transfer,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const region = new Region(emit, `${label}session`, request.signal);
  const beating = region.spawn("beat", (stop) => beat(store, folder, stop));
  const working = region.spawn("transfer", (stop) =>
    work(stop).finally(() => {
      beating.cancel("finished");
    }),
  );
  // A stop that comes when all is published comes too late.
  await region.close().catch(() => undefined);
  return working.result;
}

async function run(session: Session, transfer: Transfer, replayed: Replayed, jobs: Job[]): Promise<Pulled> {
  const { folder, request, subject, world } = session;
  await begin(session, transfer, replayed);
  const paths = pathsOf(transfer, request.remotes);
  await requireRoom(transfer, subject.missing);
  for (const plan of subject.missing) {
    request.signal.throwIfAborted();
    const journaled = replayed.blobs.get(plan.key) ?? null;
    jobs.push(await prepareJob(transfer, plan, paths, journaled, request.signal));
  }
  // The names of the parts, before the journal speaks of what is in them.
  await world.files.syncFolder(folder);
  await transfer.journal.sync();
  const resumedBytes = jobs.reduce((sum, job) => sum + job.haveBytes(), 0);
  request.tell({
    kind: "plan",
    tag: formatRef(request.target),
    totalBytes: subject.totalBytes,
    blobs: subject.missing.length,
    knownBytes: subject.knownBytes,
    resumedBytes,
    freeBytes: (await world.files.space(folder)).freeBytes,
    sources: [...paths.keys()].map(({ name }) => name),
  });
  let repairs = 0;
  const counting: Transfer = {
    ...transfer,
    tell(news) {
      if (news.kind === "repair") repairs += 1;
      transfer.tell(news);
    },
  };
  const digests = await fetchAll(counting, jobs, [...paths.keys()], request.signal);
  const { replace, signal, target: ref } = request;
  const digest = await publish(session, transfer, { ref, replace, jobs, digests, signal });
  const fetched = jobs.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  return {
    tag: formatRef(ref),
    digest,
    sizeBytes: subject.knownBytes + fetched,
    resumedBytes,
    knownBytes: subject.knownBytes,
    sources: [...paths.keys()].map(({ name, receivedBytes, down }) => {
      return { name, bytes: receivedBytes, dropped: down };
    }),
    repairs,
    created: true,
  };
}

async function begin(
  { folder, request, store, subject, world }: Session,
  { journal }: Transfer,
  replayed: Replayed,
): Promise<void> {
  if (replayed.begin === null) {
    await remember(store, folder, subject.resolved);
    const { ref, from, target } = request;
    const { identity } = subject;
    journal.append({ kind: "begin", version: 1, ref, from, tag: formatRef(target), identity });
  }
  journal.append({ kind: "session", boot: world.host.bootId });
}

/** One path a remote. Two of one name get numbers, so that a trace can tell them apart. */
function pathsOf(transfer: Transfer, remotes: readonly Remote[]): ReadonlyMap<Path, Remote> {
  const workers = remotes.length === 1 ? WORKERS_ALONE : WORKERS_EACH;
  const seen = new Map<string, number>();
  return new Map(
    remotes.map((remote): [Path, Remote] => {
      const number = (seen.get(remote.name) ?? 0) + 1;
      seen.set(remote.name, number);
      const name = number === 1 ? remote.name : `${remote.name} (${number})`;
      return [new Path(transfer, name, workers), remote];
    }),
  );
}

async function publish(
  { request, store, subject, work }: Session,
  transfer: Transfer,
  commit: Commit,
): Promise<Digest> {
  const { resolved } = subject;
  if (resolved.kind === "image") {
    return commitImage(transfer, work, commit, resolved.bytes, imageBlobs(resolved.bytes));
  }
  const files = await Promise.all(resolved.files.map((file) => layerOf(store, commit, file)));
  return commitFiles(transfer, work, commit, files, request.describe);
}

/** Where a file of the model lies now, and its layer: fetched in this run, or in the store already. */
async function layerOf(
  store: Store,
  commit: Commit,
  { digest, identity, mediaType, title }: RemoteFile,
): Promise<{ readonly path: string; readonly title: string; readonly layer: Descriptor }> {
  const key = fileKey(store, digest, identity);
  const job = commit.jobs.find((each) => each.key === key);
  if (job !== undefined) {
    const layer = { mediaType, digest: digestOfJob(commit, job), sizeBytes: job.sizeBytes ?? 0, title };
    return { path: job.partPath, title, layer };
  }
  if (digest === null) throw new Error(`${title} was not fetched`);
  const path = blobPath(store.root, digest);
  const sizeBytes = (await store.world.files.facts(path))?.sizeBytes ?? 0;
  return { path, title, layer: { mediaType, digest, sizeBytes, title } };
}

/** What has come by now: also of blobs that this run has not got to yet. */
function haveBytes(jobs: readonly Job[], replayed: Replayed | null): number {
  const begun = new Set(jobs.map(({ key }) => key));
  const kept = [...(replayed?.blobs ?? [])].filter(([key]) => !begun.has(key));
  return (
    jobs.reduce((sum, job) => sum + job.haveBytes(), 0) +
    kept.reduce((sum, [, blob]) => sum + journaledBytes(blob), 0)
  );
}

/** Decides what stays of a transfer that stopped, and says so. */
async function leave(session: Session, haveBytes: number, thrown: unknown): Promise<unknown> {
  const { folder, request, store, subject, work, world } = session;
  // A missing folder explains every missing file in it: somebody has taken over.
  const gone = (await world.files.facts(folder).catch(() => undefined)) === null;
  if (gone) return thrown instanceof LeaseLost ? thrown : new LeaseLost(thrown);
  // So does a missing work folder: its lease was broken.
  const broken =
    systemCode(thrown) === "ENOENT" && (await world.files.facts(work.folder).catch(() => undefined)) === null;
  const error = broken ? new LeaseLost(thrown) : asAprError(thrown);
  const stopped = error.kind === "interrupted" || error.kind === "terminated";
  const useless = haveBytes === 0 || error.fields["code"] === NO_MODEL;
  if (useless || (stopped && haveBytes < KEEP_BYTES)) {
    await world.files.remove(folder).catch(() => undefined);
    return error;
  }
  await release(store, session.id, folder).catch(() => undefined);
  if (!stopped) return error;
  const of = subject.totalBytes === null ? "" : ` of ${formatBytes(subject.totalBytes)}`;
  const hint = `the same command goes on from there; apr transfers abort clears it away`;
  request.emit("message", { message: "stopped; what came is kept" });
  return new AprError(error.kind, `stopped; ${formatBytes(haveBytes)}${of} kept`, { hint, cause: thrown });
}
