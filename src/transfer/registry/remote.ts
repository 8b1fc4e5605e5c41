import { AprError } from "../../base/errors.ts";
import { type Digest, isDigest } from "../../store/digest.ts";
import { blobsOf } from "../../store/manifest.ts";
import { isSafeRef, LOCAL, type Ref } from "../../store/ref.ts";
import type { PartDigests } from "../../world/hash.ts";
import type { NetAnswer } from "../../world/net.ts";
import { httpBlob } from "../http/blob.ts";
import { parseLength } from "../http/content-range.ts";
import { isAprError, isNetError } from "../http/errors.ts";
import { retrying } from "../http/retrying.ts";
import type { Remote, Resolved, Wanted } from "../remote.ts";
import type { BlobSource } from "../source.ts";
import { openRegistry, type RegistryApi } from "./api.ts";
import type { RegistryDeps } from "./deps.ts";
import { chooseEntry, type Fetched, fetchManifest } from "./manifest.ts";
import { MAX_PARTS_BYTES, PARTS_HEADER, readParts } from "./parts.ts";
import { refusal } from "./refusal.ts";

/** `apr serve` says so while it hashes a blob's parts. */
const UNAVAILABLE = 503;

export interface RegistryPlace {
  readonly host: string;
  readonly repository: string;
  /** A tag, or `sha256:<hex>`. */
  readonly reference: string;
  /** Speaks plain HTTP also to a host that is not this machine. */
  readonly plainHttp: boolean;
}

/** A name at Ollama's registry. */
export interface OllamaPlace {
  /** `library` without it. */
  readonly namespace?: string;
  readonly name: string;
  readonly tag: string;
  /** Another origin than https://registry.ollama.ai, such as a mirror. */
  readonly baseUrl?: URL;
}

/** OCI distribution, "Pulling manifests". */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** A model in an OCI distribution registry. Throws AprError `usage` for a name that cannot be one. */
export function registryRemote(deps: RegistryDeps, place: RegistryPlace): Remote {
  const { host, repository, reference, plainHttp } = place;
  const api = openRegistry(deps, { host, repository, plainHttp, scope: "pull" });
  return new RegistryRemote(deps, api, reference, tagOf(place));
}

/** A model in Ollama's registry, which speaks the same protocol. */
export function ollamaRemote(deps: RegistryDeps, place: OllamaPlace): Remote {
  const { namespace = LOCAL.namespace, name, tag, baseUrl } = place;
  const api = openRegistry(deps, {
    host: baseUrl?.host ?? LOCAL.host,
    repository: `${namespace}/${name}`,
    plainHttp: false,
    scope: "pull",
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
  return new RegistryRemote(deps, api, tag, safeRef({ host: LOCAL.host, namespace, name, tag }));
}

/** What it is called here: a repository of one part, or of two, has a name in the store. */
function tagOf({ host, repository, reference }: RegistryPlace): Ref | null {
  const parts = repository.split("/");
  const [namespace = "", name = ""] = parts.length === 1 ? [LOCAL.namespace, ...parts] : parts;
  return parts.length > 2 || isDigest(reference) ? null : safeRef({ host, namespace, name, tag: reference });
}

function safeRef(ref: Ref): Ref | null {
  return isSafeRef(ref) ? ref : null;
}

/** Statuses of a registry that has no HEAD: then a GET will show. */
const NO_HEAD: ReadonlySet<number> = new Set([405, 501]);

class RegistryRemote implements Remote {
  readonly name: string;
  readonly tag: Ref | null;
  private readonly deps: RegistryDeps;
  private readonly api: RegistryApi;
  private readonly reference: string;
  /** Sizes of the blobs of its own manifest: those are there. */
  private readonly named = new Map<Digest, number>();
  private hasParts = false;

  constructor(deps: RegistryDeps, api: RegistryApi, reference: string, tag: Ref | null) {
    if (!isDigest(reference) && !TAG.test(reference)) {
      throw new AprError("usage", `invalid tag: ${JSON.stringify(reference.slice(0, 128))}`, {
        hint: "a tag is 1 to 128 letters, digits, . _ -; a digest is sha256: and 64 hex digits",
        fields: { code: "invalid-reference" },
      });
    }
    this.deps = deps;
    this.api = api;
    this.name = api.name;
    this.reference = reference;
    this.tag = tag;
  }

  async resolve(signal: AbortSignal): Promise<Resolved> {
    const image = await this.image(signal);
    if (image.manifest.kind === "image") {
      for (const { digest, sizeBytes } of blobsOf(image.manifest)) this.named.set(digest, sizeBytes);
    }
    // `fetchManifest` has compared it with what was asked for, or told.
    return { kind: "image", bytes: image.bytes, expected: image.digest };
  }

  async blob({ digest, sizeBytes }: Wanted, signal: AbortSignal): Promise<BlobSource | null> {
    if (digest === null) return null;
    if (!this.named.has(digest) && !(await this.holds(digest, sizeBytes, signal))) return null;
    return httpBlob({
      client: this.api.client,
      auth: this.api.auth,
      clock: this.deps.world.clock,
      url: () => this.api.url(`blobs/${digest}`),
      name: this.name,
      sizeBytes,
    });
  }

  async parts(digest: Digest, signal: AbortSignal): Promise<PartDigests | "later" | null> {
    if (!this.hasParts) return null;
    try {
      const url = this.api.url(`blobs/${digest}/parts`);
      const headers = { accept: "application/json" };
      const answer = await this.api.client.request(
        { method: "GET", url, headers, maxBodyBytes: MAX_PARTS_BYTES, signal },
        this.api.auth,
      );
      if (answer.status === UNAVAILABLE) return "later";
      return answer.status === 200 ? readParts(answer.body, this.named.get(digest) ?? null) : null;
    } catch (error) {
      signal.throwIfAborted();
      // They only save work: without them the blob's own digest decides.
      if (isNetError(error) || isAprError(error)) return null;
      throw error;
    }
  }

  /** The manifest, through an index where there is one. */
  private async image(signal: AbortSignal): Promise<Fetched> {
    const first = await fetchManifest(this.deps, this.api, this.reference, signal);
    this.look(first);
    if (first.manifest.kind === "image") return first;
    const entry = chooseEntry(first.bytes, first.manifest.manifests, this.name);
    const image = await fetchManifest(this.deps, this.api, entry.digest, signal);
    if (image.manifest.kind === "image" && image.bytes.length === entry.sizeBytes) return image;
    throw new AprError("malformed", `the index of ${this.name} names a manifest that is not as it says`, {
      hint: "name a manifest by its digest: NAME@sha256:…",
      fields: { code: "bad-manifest", digest: entry.digest },
    });
  }

  private look({ headers }: Pick<NetAnswer, "headers">): void {
    if (headers[PARTS_HEADER] === "1") this.hasParts = true;
  }

  /** Whether a blob is there that its own manifest did not name. */
  private async holds(digest: Digest, sizeBytes: number | null, signal: AbortSignal): Promise<boolean> {
    const { world } = this.deps;
    const url = this.api.url(`blobs/${digest}`);
    let moved = false;
    const landed = (): void => void (moved = true);
    const answer = await retrying(world, { signal }, () =>
      this.api.client.request({ method: "HEAD", url, maxBodyBytes: 0, signal, landed }, this.api.auth),
    );
    this.look(answer);
    if (answer.status === 404 || answer.status === 410) return false;
    // A URL that is signed for GET refuses HEAD: that it was given says enough.
    if (NO_HEAD.has(answer.status) || (moved && answer.status === 403)) return true;
    if (answer.status !== 200) throw refusal(answer, url, `${this.api.name}@${digest}`);
    const lengthBytes = parseLength(answer.headers["content-length"]);
    return lengthBytes === null || sizeBytes === null || lengthBytes === sizeBytes;
  }
}
