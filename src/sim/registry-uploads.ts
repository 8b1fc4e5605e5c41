import { part, type Run, sizeOf } from "./data.ts";
import type { RegistryOptions } from "./registry-options.ts";
import { type SimAnswer, type SimRequest, textAnswer } from "./server.ts";

interface Upload {
  readonly repository: string;
  runs: readonly Run[];
}

interface Where {
  readonly blobsOf: (repository: string) => Map<string, readonly Run[]>;
  readonly misnamed: (digest: string) => void;
}

/** One request of so many meets another mood than the good one. */
const MOODS = 24;

/** Uploads of a registry: begun, gone on with in pieces, ended by their digest; or replaced by a mount. */
export class RegistryUploads {
  readonly #options: RegistryOptions;
  readonly #where: Where;
  readonly #uploads = new Map<string, Upload>();
  #count = 0;

  constructor(options: RegistryOptions, where: Where) {
    this.#options = options;
    this.#where = where;
  }

  answer(repository: string, id: string, request: SimRequest): SimAnswer {
    const query = new URLSearchParams(request.target.slice(request.target.indexOf("?") + 1));
    if (request.method === "POST") return this.#begin(repository, query);
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.repository !== repository) return textAnswer(404, "");
    switch (request.method) {
      case "GET":
        return this.#stands(204, repository, id, upload);
      case "PATCH":
        return this.#take(repository, id, upload, request);
      case "PUT":
        return this.#end(repository, id, upload, request, query.get("digest") ?? "");
      case "DELETE":
        this.#uploads.delete(id);
        return textAnswer(204, "");
      default:
        return textAnswer(405, "");
    }
  }

  #begin(repository: string, query: URLSearchParams): SimAnswer {
    const [digest, from] = [query.get("mount"), query.get("from")];
    if (this.#options.mounts && digest !== null && from !== null) {
      const there = this.#where.blobsOf(from).get(digest);
      if (there !== undefined) {
        this.#where.blobsOf(repository).set(digest, there);
        return done(digest);
      }
    }
    this.#count += 1;
    const id = `u${this.#count}`;
    const upload = { repository, runs: [] };
    this.#uploads.set(id, upload);
    return this.#stands(202, repository, id, upload);
  }

  #take(repository: string, id: string, upload: Upload, { body, headers }: SimRequest): SimAnswer {
    const size = sizeOf(upload.runs);
    const [first] = (headers["content-range"] ?? "").split("-");
    if (Number(first) !== size) return textAnswer(416, "");
    switch (this.#options.mood(MOODS)) {
      case 1:
        // It forgets uploads: it was started anew.
        this.#uploads.delete(id);
        return textAnswer(404, "");
      case 2:
        // It keeps a part of the piece only, and says so.
        upload.runs = [...upload.runs, ...part(body, 0, Math.floor(sizeOf(body) / 2))];
        return this.#stands(202, repository, id, upload);
      case 3:
        // It does not take so much at once.
        return textAnswer(413, "");
      default:
        upload.runs = [...upload.runs, ...body];
        return this.#stands(202, repository, id, upload);
    }
  }

  #end(repository: string, id: string, upload: Upload, { body }: SimRequest, digest: string): SimAnswer {
    const runs = [...upload.runs, ...body];
    this.#uploads.delete(id);
    if (`sha256:${this.#options.digestOf(runs)}` !== digest) this.#where.misnamed(digest);
    this.#where.blobsOf(repository).set(digest, runs);
    return done(digest);
  }

  #stands(status: number, repository: string, id: string, { runs }: Upload): SimAnswer {
    const size = sizeOf(runs);
    const headers = {
      "content-length": "0",
      location: `/v2/${repository}/blobs/uploads/${id}`,
      ...(size > 0 || status !== 202 ? { range: `0-${Math.max(0, size - 1)}` } : {}),
    };
    return { status, headers, body: [] };
  }
}

function done(digest: string): SimAnswer {
  return { status: 201, headers: { "content-length": "0", "docker-content-digest": digest }, body: [] };
}
