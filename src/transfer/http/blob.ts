import type { Clock } from "../../world/clock.ts";
import type { Downloaded, DownloadSink, NetHead } from "../../world/net.ts";
import type {
  BlobSource,
  ChunkOutcome,
  ChunkRequest,
  SourceFailure,
  WholeOutcome,
  WholeRequest,
} from "../source.ts";
import { rangeAnswer, type RangeVerdict, wholeAnswer } from "./answer.ts";
import { failureOf, isRemoteError } from "./failure.ts";
import type { Authorizer, HttpClient } from "./types.ts";

export interface HttpBlobOptions {
  readonly client: HttpClient;
  readonly auth: Authorizer | null;
  readonly clock: Clock;
  /** Where the blob is; asked for every request that is not sent to a redirect's remembered end. */
  readonly url: () => Promise<URL> | URL;
  /** Host or path, without credentials and query. */
  readonly name: string;
  /** Null where nobody told it: then the first answer does. */
  readonly sizeBytes: number | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A redirect's end is asked directly for this long: it saves a round trip a chunk, and signed URLs live longer. */
const LANDING_MS = 120_000;
/** Answers of a redirect's end that mean: come by the front door again. */
const EXPIRED: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);

/** A blob behind a URL, fetched by ranges. */
export function httpBlob(options: HttpBlobOptions): BlobSource {
  return new HttpBlob(options);
}

class HttpBlob implements BlobSource {
  readonly name: string;
  private readonly options: HttpBlobOptions;
  private version: string | null = null;
  private landing: { readonly url: URL; readonly untilMs: number } | null = null;

  constructor(options: HttpBlobOptions) {
    this.options = options;
    this.name = options.name;
  }

  validator(): string | null {
    return this.version;
  }

  expect(validator: string): void {
    this.version = validator;
  }

  forget(): void {
    this.version = null;
    this.landing = null;
  }

  async chunk(request: ChunkRequest): Promise<ChunkOutcome> {
    const { offsetBytes, sizeBytes } = request;
    const wanted = {
      firstByte: offsetBytes,
      lastByte: offsetBytes + sizeBytes - 1,
      sizeBytes: this.options.sizeBytes,
    };
    const outcome = await this.fetch(
      request,
      { range: `bytes=${wanted.firstByte}-${wanted.lastByte}` },
      offsetBytes,
      sizeBytes,
      (head) => rangeAnswer(head, wanted, this.version),
    );
    if (outcome.kind !== "got") return outcome;
    if (outcome.sizeBytes !== sizeBytes) return short(outcome.sizeBytes, sizeBytes);
    return { kind: "got" };
  }

  async whole(request: WholeRequest): Promise<WholeOutcome> {
    const outcome = await this.fetch(request, {}, 0, request.maxBytes, (head) =>
      wholeAnswer(head, this.options.sizeBytes, request.maxBytes, this.version),
    );
    if (outcome.kind === "no-ranges") throw new Error("a request without a range cannot lack it");
    return outcome;
  }

  /** One request into the file. What the head's verdict refuses is never written. */
  private async fetch(
    request: Pick<ChunkRequest, "file" | "signal" | "onBytes">,
    headers: Readonly<Record<string, string>>,
    offsetBytes: number,
    maxBytes: number,
    judge: (head: NetHead) => RangeVerdict,
  ): Promise<WholeOutcome | { readonly kind: "no-ranges" }> {
    const judged: { verdict: RangeVerdict | null } = { verdict: null };
    const sink: DownloadSink = {
      file: request.file,
      offsetBytes,
      maxBytes,
      onBytes: request.onBytes,
      take: (head) => {
        const verdict = judge(head);
        judged.verdict = verdict;
        // At once, so that of several chunks on their way all come from one version.
        if (verdict.kind === "take") this.version ??= verdict.version;
        return verdict.kind === "take";
      },
    };
    try {
      const down = await this.download(request.signal, headers, sink);
      if (down.kind === "taken") return { kind: "got", sizeBytes: down.sizeBytes };
      this.landing = null;
      return this.refusal(down.answer, judged.verdict);
    } catch (error) {
      this.landing = null;
      request.signal.throwIfAborted();
      if (!isRemoteError(error)) throw error;
      return failureOf(error, this.options.clock);
    }
  }

  /** Why nothing was written. A 401 that could not be met was never judged: its status says it all. */
  private refusal(
    answer: NetHead,
    verdict: RangeVerdict | null,
  ): Exclude<ChunkOutcome, { readonly kind: "got" }> {
    switch (verdict?.kind) {
      case "changed":
      case "no-ranges":
      case "failed":
        return verdict;
      case "status":
      case "take":
      case undefined:
        return failureOf(answer, this.options.clock);
    }
  }

  /** Asks where the last redirect led; where that is not there any more, starts again at the first URL. */
  private async download(
    signal: AbortSignal,
    extra: Readonly<Record<string, string>>,
    sink: DownloadSink,
  ): Promise<Downloaded> {
    const { clock } = this.options;
    const known = this.landing;
    if (known !== null && clock.monotonicMs() < known.untilMs) {
      const down = await this.send(known.url, signal, extra, sink, () => undefined);
      // A signed URL expires (403), or its blob is moved (404): the first URL leads to a new one.
      if (down.kind === "taken" || !EXPIRED.has(down.answer.status)) return down;
    }
    this.landing = null;
    const url = this.options.url();
    let landed: URL | null = null;
    const down = await this.send(url instanceof URL ? url : await url, signal, extra, sink, (end) => {
      landed = end;
    });
    if (landed !== null && down.kind === "taken") {
      this.landing = { url: landed, untilMs: clock.monotonicMs() + LANDING_MS };
    }
    return down;
  }

  private send(
    url: URL,
    signal: AbortSignal,
    extra: Readonly<Record<string, string>>,
    sink: DownloadSink,
    landed: (end: URL) => void,
  ): Promise<Downloaded> {
    const { client, auth, headers } = this.options;
    return client.download(
      {
        method: "GET",
        url,
        // Compressed bytes would lie at other places.
        headers: { ...headers, "accept-encoding": "identity", ...extra },
        signal,
        maxBodyBytes: 0,
        landed,
      },
      sink,
      auth,
    );
  }
}

function short(cameBytes: number, wantedBytes: number): SourceFailure {
  const why = `sent ${cameBytes} of ${wantedBytes} bytes`;
  return { kind: "failed", code: "cut", why, retry: "soon", afterMs: null };
}
