import type { DescribeModel } from "../store/import.ts";
import { AprError } from "../base/errors.ts";
import { findBlob, placeBlob } from "../store/blobs.ts";
import { writeConfig, writeManifest } from "../store/config.ts";
import type { Digest } from "../store/digest.ts";
import { ingestBytes } from "../store/ingest.ts";
import { BLOB_MODE } from "../store/layout.ts";
import { type Descriptor, MEDIA } from "../store/manifest.ts";
import { publishManifest } from "../store/publish.ts";
import type { Ref } from "../store/ref.ts";
import { manifestDigest, readTag } from "../store/tags.ts";
import type { Work } from "../store/work.ts";
import type { Job } from "./fetch/job.ts";
import type { Transfer } from "./transfer.ts";
import { requireOwn } from "./workplace.ts";

/** The code of what came whole, and is no model. */
export const NO_MODEL = "not-a-model";

/** What a pull makes visible. */
export interface Commit {
  readonly ref: Ref;
  readonly replace: boolean;
  readonly jobs: readonly Job[];
  /** Digest of each blob that was fetched, by its key. */
  readonly digests: ReadonlyMap<string, Digest>;
  readonly signal: AbortSignal;
}

/** Gives every verified blob its final name, then the manifest; reads it back. Returns the manifest's digest. */
export async function commitImage(
  transfer: Transfer,
  work: Work,
  commit: Commit,
  bytes: Uint8Array,
  blobs: readonly Descriptor[],
): Promise<Digest> {
  const { emit, store } = transfer;
  await work.name(blobs.map(({ digest }) => digest));
  for (const job of commit.jobs) await placeVerified(transfer, commit, job);
  for (const job of commit.jobs) emit("proof", { blob: job.key, digest: digestOfJob(commit, job) });
  transfer.tell({ kind: "publishing" });
  commit.signal.throwIfAborted();
  const { signal, replace } = commit;
  await publishManifest(store, work, commit.ref, bytes, blobs, { signal, replace });
  emit("exposed", { what: "manifest", name: "manifest", digest: manifestDigest(store, bytes) });
  const entry = await readTag(store, commit.ref);
  if (entry?.kind === "unreadable") {
    throw new AprError("io", `the tag is in its place and cannot be read back: ${entry.why}`, {
      hint: "apr verify says whether it is sound",
    });
  }
  if (entry === null) {
    throw new AprError("io", "the tag was removed in the moment in which it was published");
  }
  const digest = manifestDigest(store, entry.imageBytes);
  emit("published", { digest });
  return digest;
}

/** Makes config and manifest for files that came without, and publishes them. */
export async function commitFiles(
  transfer: Transfer,
  work: Work,
  commit: Commit,
  files: readonly { readonly path: string; readonly title: string; readonly layer: Descriptor }[],
  describe: DescribeModel,
): Promise<Digest> {
  const layers = files.map(({ layer }) => layer);
  // Before anything gets its final name: what is no model is refused here.
  const summary = await describe(files.map(({ path, title }) => ({ path, title }))).catch(
    (error: unknown) => {
      throw asNoModel(error, files);
    },
  );
  const digests = layers.map((layer) => layer.digest);
  const config = await ingestBytes(transfer.store, work, writeConfig(summary, digests));
  const { digest, sizeBytes } = config;
  const described: Descriptor = { mediaType: MEDIA.config, digest, sizeBytes, title: null };
  const bytes = writeManifest(described, layers);
  const expected = manifestDigest(transfer.store, bytes);
  transfer.emit("manifest", { expected, actual: expected });
  return commitImage(transfer, work, commit, bytes, [described, ...layers]);
}

/** All of it came, and it is no model: nothing can be gone on from. Part files have names that say nothing. */
function asNoModel(
  error: unknown,
  files: readonly { readonly path: string; readonly title: string }[],
): unknown {
  if (!(error instanceof AprError) || error.kind !== "malformed") return error;
  const message = files.reduce((text, { path, title }) => text.replaceAll(path, title), error.message);
  return new AprError("malformed", message, {
    hint: "apr keeps GGUF and safetensors models; nothing of it was kept",
    fields: { code: NO_MODEL },
    cause: error,
  });
}

export function digestOfJob({ digests }: Pick<Commit, "digests">, job: Job): Digest {
  const digest = digests.get(job.key);
  if (digest === undefined) throw new Error(`${job.key} was not verified`);
  return digest;
}

async function placeVerified(transfer: Transfer, commit: Commit, job: Job): Promise<void> {
  const { emit, folder, store, world } = transfer;
  const digest = digestOfJob(commit, job);
  const facts = await world.files.facts(job.partPath);
  if (facts === null) await requireOwn(world, folder);
  if (facts?.kind !== "file" || facts.sizeBytes !== job.sizeBytes) {
    throw new AprError(
      "io",
      `${facts?.sizeBytes ?? 0} bytes of ${digest} are there instead of ${job.sizeBytes}`,
    );
  }
  const known = await findBlob(store, digest);
  if (known?.sizeBytes === facts.sizeBytes) await world.files.unlink(job.partPath);
  else {
    await world.files.setMode(job.partPath, BLOB_MODE);
    if (!(await placeBlob(store, job.partPath, digest))) await requireOwn(world, folder);
  }
  emit("exposed", { what: "blob", name: job.key, digest });
  job.temp?.commit();
  job.temp = null;
}
