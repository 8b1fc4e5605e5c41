import { runsOf, virtualRun } from "../sim/data.ts";
import type { SimRegistry } from "../sim/registry.ts";
import type { SimWorld } from "../sim/sim.ts";
import { writeConfig, writeManifest } from "../store/config.ts";
import { digestOf } from "../store/digest.ts";
import { type Descriptor, MEDIA } from "../store/manifest.ts";
import { httpClient } from "../transfer/http/client.ts";
import type { RegistryApi, RegistryDeps } from "../transfer/registry/api.ts";
import { openRegistry } from "../transfer/registry/api.ts";
import { ANONYMOUS } from "../transfer/registry/credentials.ts";
import type { Expected } from "./judge-store.ts";
import { CHUNK_BYTES } from "./model.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import type { Stage } from "./stage.ts";

export const REGISTRY = "registry.example";
/** What it is called in the store. */
export const IMAGE_REF: Ref = parseRef("image:1");

/** An image that a registry holds under `latest`. */
export interface HeldImage extends Expected {
  readonly repository: string;
  /** Of its manifest. */
  readonly manifest: string;
  /** Everything that it names. */
  readonly blobs: readonly Descriptor[];
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
  const layers = [put(11, chunks * CHUNK_BYTES, MEDIA.model), put(12, 70_000, MEDIA.model)];
  const summary = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };
  const config = writeConfig(summary, layers.map(({ digest }) => digest));
  const digest = digestOf(sim.digestOf(runsOf(config)));
  blobs.set(digest, runsOf(config));
  const described = { mediaType: MEDIA.config, digest, sizeBytes: config.length, title: null };
  const bytes = writeManifest(described, layers);
  const manifest = digestOf(sim.digestOf(runsOf(bytes)));
  manifests.set("latest", { digest: manifest, bytes, mediaType: MEDIA.ociManifest });
  const [first] = layers;
  if (first === undefined) throw new Error("an image without layers");
  return {
    ref: IMAGE_REF,
    digest: first.digest,
    sizeBytes: first.sizeBytes,
    repository,
    manifest,
    blobs: [described, ...layers],
  };
}

export function depsOf(world: SimWorld): RegistryDeps {
  return { world, client: httpClient(world.net), credentials: () => Promise.resolve(ANONYMOUS) };
}

export function apiOf(world: SimWorld, repository: string, mountFrom: readonly string[]): RegistryApi {
  const where = { host: REGISTRY, repository, plainHttp: false, scope: "pull,push", mountFrom } as const;
  return openRegistry(depsOf(world), where);
}
