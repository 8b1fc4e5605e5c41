import type { Patch } from "../plant.ts";

/** A mistake in the engine's real source, and the scenario that must find it. */
export interface Defect extends Patch {
  readonly name: string;
  readonly scenario: string;
}

const FETCH = "src/transfer/fetch";
const PUSH = "src/transfer/push";

function defect(name: string, scenario: string, file: string, find: string, replace = ""): Defect {
  return { name, scenario, file, find, replace };
}

/** What a transfer writes, and when. */
const DURABILITY: readonly Defect[] = [
  defect(
    "chunks are never synced",
    "resume",
    `${FETCH}/syncer.ts`,
    "if (job.file !== null) return job.file.sync();",
    "if (job.file !== null) return;",
  ),
  defect(
    "no sync of a blob before it gets its name",
    "resume",
    `${FETCH}/fetcher.ts`,
    "await fetching.syncer.sync();\n",
  ),
  defect(
    "the blobs' folder is not synced before the manifest",
    "resume",
    "src/store/publish.ts",
    "  await syncBlobs(store);\n  const path",
    "  const path",
  ),
  defect(
    "the tag's folders are not synced",
    "single-pull",
    "src/store/publish.ts",
    "    await syncParents(store, path);\n    await requireBlobs",
    "    await requireBlobs",
  ),
  defect(
    "the manifest is not synced before it gets its name",
    "single-pull",
    "src/store/publish.ts",
    "    await file.sync();\n",
  ),
  defect(
    "a removed tag is not removed from the medium",
    "tags-and-gc",
    "src/store/remove-tag.ts",
    "    await syncNearest(store, parentOf(path));\n",
  ),
  defect(
    "a tag that is there already is not synced",
    "resume",
    "src/transfer/pull.ts",
    "    await syncTag(store, request.target);\n",
  ),
  defect(
    "what a power cut took counts as synced by the next run",
    "resume",
    "src/transfer/journal/replay.ts",
    '      if (record.boot === "" || record.boot !== boot) forgetUnsynced(blobs, synced);\n',
  ),
];

/** What is believed without looking. */
const TRUST: readonly Defect[] = [
  defect(
    "rename before verify: the digest is not compared",
    "multi-source",
    `${FETCH}/settle.ts`,
    "    const actual = digestOf(outcome.hex);\n",
    "    const actual = job.digest ?? digestOf(outcome.hex);\n",
  ),
  defect(
    "mending believes the next source",
    "single-pull",
    `${FETCH}/mend.ts`,
    "    const actual = digestOf(await endOf(verifier, signal));\n",
    "    const actual = job.digest ?? digestOf(await endOf(verifier, signal));\n",
  ),
  defect(
    "resume trusts the file, not the journal",
    "resume",
    "src/transfer/journal/replay.ts",
    '    n <= synced || (own !== "" && own === bootId);\n',
    '    n > synced || (own !== "" && own === bootId) || n <= synced;\n',
  ),
  defect(
    "a sync record counts what came after it",
    "resume",
    `${FETCH}/syncer.ts`,
    'journal.append({ kind: "sync", upto });',
    'journal.append({ kind: "sync", upto: journal.lastNumber });',
  ),
  defect(
    "a chunk of a source's version before is accepted",
    "changing-source",
    `${FETCH}/chunks.ts`,
    'outcome.kind === "got" && flight.generation === job.generation',
    'outcome.kind === "got"',
  ),
  defect(
    "a new part file is taken for the one that the journal speaks of",
    "changing-source",
    "src/transfer/prepare.ts",
    "  if (journaled !== null && journaled.have.size > 0 && !sound) {\n",
    '  if (journaled !== null && journaled.have.size > 0 && !sound && partPath === "") {\n',
  ),
  defect(
    "a session that is no mount counts as one",
    "push",
    `${PUSH}/session.ts`,
    "mount !== undefined && answer.status === 201",
    "mount !== undefined && answer.status < 300",
  ),
  defect(
    "an upload is completed before its own bytes were seen",
    "push",
    `${PUSH}/upload.ts`,
    "    await this.#local.confirm();\n    this.#finishing = true;",
    "    this.#finishing = true;",
  ),
  defect(
    "what a registry keeps of a piece is not asked",
    "push",
    `${PUSH}/upload.ts`,
    "    this.#offsetBytes = step.offsetBytes;\n    if (step.offsetBytes > this.#bestBytes)",
    "    this.#offsetBytes = Math.min(this.#blob.sizeBytes, this.#offsetBytes + this.#pieceBytes);\n    if (step.offsetBytes > this.#bestBytes)",
  ),
];

/** What is held and must end. */
const ENDINGS: readonly Defect[] = [
  defect(
    "a chunk's obligation is not aborted on cancel",
    "cancel",
    `${FETCH}/chunks.ts`,
    '    if (hold.open()) hold.abort("not fetched");\n',
  ),
  defect(
    "a worker's slot is not given back on cancel",
    "cancel",
    `${FETCH}/chunks.ts`,
    '      if (slot.open()) slot.abort("stopped");\n',
  ),
  defect(
    "the transfer's lease is not given back on failure",
    "single-pull",
    "src/transfer/session.ts",
    '    lease.abort("the transfer stopped");\n',
  ),
  defect(
    "a push leaves its lease open when it fails",
    "push",
    `${PUSH}/push.ts`,
    '    if (lease.open()) lease.abort("failed");\n',
  ),
  defect(
    "a region closes while its tasks run",
    "cancel",
    "src/transfer/region.ts",
    "    while (this.#running.size > 0) {\n",
    "    while (this.#running.size > 0 && !this.#cancelled) {\n",
  ),
  defect("work is not cleared away", "cancel", "src/store/work.ts", "    await clear(store, held.folder);\n"),
  defect(
    "what an earlier run left is not cleared away",
    "resume",
    "src/transfer/pull.ts",
    "    if (place.id === id) await abandon(store, place).catch(() => undefined);\n",
    "    void place;\n",
  ),
];

/** Several processes. */
const TOGETHER: readonly Defect[] = [
  defect(
    "gc ignores leases",
    "pulls-and-gc",
    "src/store/marks.ts",
    "    else for (const digest of lease.digests) named.add(digest);\n",
  ),
  defect(
    "gc takes its marks once",
    "pulls-and-gc",
    "src/store/gc.ts",
    "    const second = await takeMarks(store, own);\n",
    "    const second = first;\n",
  ),
  defect(
    "gc puts nothing back",
    "pulls-and-gc",
    "src/store/gc.ts",
    "  for (const { digest, path } of left) await moveOne(store, path, blobPath(store.root, digest));\n",
  ),
  defect(
    "a pull does not name what it found in the store",
    "pulls-and-gc",
    "src/transfer/pull.ts",
    "      await work.name(before.known);\n",
  ),
  defect(
    "a live process's transfer is taken over",
    "pulls-and-gc",
    "src/transfer/workplace.ts",
    "  if (ours && pid !== host.pid) return true;\n",
    "  if (ours && pid !== host.pid) return false;\n",
  ),
  defect(
    "gc deletes what a power cut brings the names back of",
    "tags-and-gc",
    "src/store/gc.ts",
    "    if (second.unreadable.length === 0) await syncManifests(store);\n",
  ),
  defect(
    "a journal that is gone on with begins its chain anew",
    "resume",
    "src/transfer/journal/journal.ts",
    "    this.#last = replayed.last;\n",
    '    this.#last = { n: replayed.last.n, hash: "0".repeat(64) };\n',
  ),
];

/** Each must stand in the source exactly once: see `planted` in plant.ts. */
export const DEFECTS: readonly Defect[] = [...DURABILITY, ...TRUST, ...ENDINGS, ...TOGETHER];
