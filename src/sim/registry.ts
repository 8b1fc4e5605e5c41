import { type Run, bytesOf, part, sizeOf } from "./data.ts";
import { runsOf } from "./known-runs.ts";
import { RegistryUploads } from "./registry-uploads.ts";
import { type SimAnswer, type SimRequest, type SimServer, textAnswer } from "./server.ts";
import type { RegistryOptions } from "./registry-options.ts";

// A registry as the OCI distribution specification has it, one for many repositories. It is more trusting than real
// ones: it takes what it is given, and remembers what it should have refused. So a client shows what it does by itself.

export interface SimManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What one repository holds. */
export interface SimRepository {
  readonly blobs: Map<string, readonly Run[]>;
  /** By tag and by digest. */
  readonly manifests: Map<string, SimManifest>;
}

const REPOSITORY = /^\/v2\/(.+?)\/(blobs|manifests)\/(.*)$/;

export class SimRegistry {
  readonly repositories = new Map<string, SimRepository>();
  /** Manifests that came before something that they name: `tag: digest`. */
  readonly premature: string[] = [];
  /** Blobs that came under a digest which is not theirs. */
  readonly misnamed: string[] = [];
  readonly #options: RegistryOptions;
  readonly #uploads: RegistryUploads;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#uploads = new RegistryUploads(options, {
      blobsOf: (repository) => this.repository(repository).blobs,
      misnamed: (digest) => this.misnamed.push(digest),
    });
  }

  repository(name: string): SimRepository {
    const known = this.repositories.get(name);
    if (known !== undefined) return known;
    const made: SimRepository = { blobs: new Map(), manifests: new Map() };
    this.repositories.set(name, made);
    return made;
  }

  readonly server: SimServer = (request) => {
    const [, name, what, rest = ""] = REPOSITORY.exec(pathOf(request)) ?? [];
    if (name === undefined) return textAnswer(request.target === "/v2/" ? 200 : 404, "");
    if (what === "manifests") return this.#manifest(name, rest, request);
    if (rest.startsWith("uploads/"))
      return this.#uploads.answer(name, rest.slice("uploads/".length), request);
    return this.#blob(name, rest, request);
  };

  #blob(name: string, digest: string, { headers, method }: SimRequest): SimAnswer {
    const body = this.repository(name).blobs.get(digest);
    if (body === undefined) return textAnswer(404, "");
    if (method !== "GET" && method !== "HEAD") return textAnswer(405, "");
    const size = sizeOf(body);
    const told = { "docker-content-digest": digest, "accept-ranges": "bytes" };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
    if (first === undefined || method === "HEAD") {
      return { status: 200, headers: { ...told, "content-length": String(size) }, body };
    }
    const [from, upto] = [Number(first), Math.min(Number(last), size - 1)];
    const range = {
      "content-range": `bytes ${from}-${upto}/${size}`,
      "content-length": String(upto - from + 1),
    };
    return { status: 206, headers: { ...told, ...range }, body: part(body, from, upto - from + 1) };
  }

  #manifest(name: string, reference: string, request: SimRequest): SimAnswer {
    if (request.method === "PUT") return this.#takeManifest(name, reference, request);
    const manifest = this.repository(name).manifests.get(reference);
    if (manifest === undefined) return textAnswer(404, "");
    const headers = {
      "content-type": manifest.mediaType,
      "content-length": String(manifest.bytes.length),
      "docker-content-digest": manifest.digest,
    };
    return { status: 200, headers, body: runsOf(manifest.bytes) };
  }

  #takeManifest(name: string, reference: string, { body, headers }: SimRequest): SimAnswer {
    const { blobs, manifests } = this.repository(name);
    const bytes = bytesOf(body);
    const digest = `sha256:${this.#options.digestOf(body)}`;
    for (const named of namedIn(bytes)) if (!blobs.has(named)) this.premature.push(`${reference}: ${named}`);
    const manifest = { digest, bytes, mediaType: headers["content-type"] ?? "" };
    manifests.set(reference, manifest);
    manifests.set(digest, manifest);
    return { ...textAnswer(201, ""), headers: { "content-length": "0", "docker-content-digest": digest } };
  }
}

function pathOf({ target }: SimRequest): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}

/** Digests of config and layers. */
function namedIn(bytes: Uint8Array): string[] {
  return [...new TextDecoder().decode(bytes).matchAll(/"digest":\s*"(sha256:[0-9a-f]{64})"/g)].map(
    ([, digest = ""]) => digest,
  );
}
