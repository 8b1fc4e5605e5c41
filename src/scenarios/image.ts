import { virtualRun } from "../sim/data.ts";
import { runsOf } from "../sim/known-runs.ts";
import type { Ended } from "../sim/process.ts";
import { SimRegistry } from "../sim/registry.ts";
import type { RegistryOptions } from "../sim/registry-options.ts";
import type { SimProcess, SimWorld } from "../sim/sim.ts";
import { writeConfig, writeManifest } from "../store/config.ts";
import { digestOf } from "../store/digest.ts";
import { type Descriptor, MEDIA } from "../store/manifest.ts";
import { httpClient } from "../transfer/http/client.ts";
import type { Pulled } from "../transfer/pull-request.ts";
import { openRegistry, type RegistryApi } from "../transfer/registry/api.ts";
import type { RegistryDeps } from "../transfer/registry/deps.ts";
import { registryRemote } from "../transfer/registry/remote.ts";
import { ANONYMOUS } from "../transfer/registry/credentials.ts";
import type { Expected } from "./judge-store.ts";
import { inPeace, pullFrom, sizeOfChunks } from "./model.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import type { Part, Stage } from "./stage.ts";

const SMALL_BYTES = 70_000;
const REGISTRY = "registry.example";
/** What it is called in the store. */
export const IMAGE_REF: Ref = parseRef("image:1");

/** An image that a registry holds under `latest`. */
export interface HeldImage extends Expected {
  readonly repository: string;
  /** Of its manifest. */
  readonly manifest: string;
  /** Everything that it names. */
  readonly blobs: readonly [config: Descriptor, large: Descriptor, small: Descriptor];
}

/** Puts a registry on the network, where nobody has anything yet. */
export function serveRegistry(
  { sim }: Stage,
  { mood = () => 0, mounts = true }: Partial<Pick<RegistryOptions, "mood" | "mounts">> = {},
): SimRegistry {
  const registry = new SimRegistry({ digestOf: (runs) => sim.digestOf(runs), mood, mounts });
  sim.net.serve(REGISTRY, registry.server);
  return registry;
}

/** Puts an image of two layers into a repository: one of `chunks` chunks, and a small one. */
export function holdImage(
  { sim }: Stage,
  registry: SimRegistry,
  repository: string,
  chunks: number,
): HeldImage {
  const { blobs, manifests } = registry.repository(repository);
  const put = (id: number, sizeBytes: number, mediaType: string): Descriptor => {
    const body = [virtualRun(id, 0, sizeBytes)];
    const digest = digestOf(sim.digestOf(body));
    blobs.set(digest, body);
    return { mediaType, digest, sizeBytes, title: null };
  };
  const large = put(11, sizeOfChunks(chunks), MEDIA.model);
  const small = put(12, SMALL_BYTES, MEDIA.model);
  const layers = [large, small];
  const summary = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };
  const config = writeConfig(
    summary,
    layers.map(({ digest }) => digest),
  );
  const digest = digestOf(sim.digestOf(runsOf(config)));
  blobs.set(digest, runsOf(config));
  const described = { mediaType: MEDIA.config, digest, sizeBytes: config.length, title: null };
  const bytes = writeManifest(described, layers);
  const manifest = digestOf(sim.digestOf(runsOf(bytes)));
  manifests.set("latest", { digest: manifest, bytes, mediaType: MEDIA.ociManifest });
  return {
    ref: IMAGE_REF,
    digest: large.digest,
    sizeBytes: large.sizeBytes,
    repository,
    manifest,
    blobs: [described, large, small],
  };
}

function depsOf(world: SimWorld): RegistryDeps {
  return { world, client: httpClient(world.net), credentials: () => Promise.resolve(ANONYMOUS) };
}

export function apiOf(world: SimWorld, repository: string, mountFrom: readonly string[]): RegistryApi {
  const where = { host: REGISTRY, repository, plainHttp: false, scope: "pull,push", mountFrom } as const;
  return openRegistry(depsOf(world), where);
}

/** Pulls it before the story begins: nothing can fail yet. */
export function pullImageFirst(stage: Stage, image: HeldImage, target: Ref = image.ref): Promise<void> {
  return inPeace(stage, (started) => pullImage(started, image, () => undefined, target));
}

/** What a `pull` of it is. */
export function pullImageIn({ emit, started }: Part, image: HeldImage): Promise<Ended<Pulled>> {
  return started.process.run(() => pullImage(started, image, emit, image.ref));
}

function pullImage(
  started: SimProcess,
  { repository }: HeldImage,
  emit: Part["emit"],
  target: Ref,
): Promise<Pulled> {
  const place = { host: REGISTRY, repository, reference: "latest", plainHttp: false };
  const remotes = [registryRemote(depsOf(started.world), place)];
  const { signal } = new AbortController();
  return pullFrom(started, { ref: `${REGISTRY}/${repository}`, target, remotes, signal, emit });
}
