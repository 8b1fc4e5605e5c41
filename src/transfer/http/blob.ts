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

/** Where a body goes, and how long it may be. */
type Place = Pick<DownloadSink, "offsetBytes" | "maxBytes">;
/** What becomes of a download: of one that answered, and of one that did not. */
interface Ending<Made> {
  readonly finish: (down: Downloaded) => Made | Promise<Made>;
  readonly failed: (error: unknown) => Made;
}
type Refusal = Exclude<ChunkOutcome, { readonly kind: "got" }>;
const GOT = { kind: "got" } as const;

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
  private readonly headers: Readonly<Record<string, string>>;

  constructor(options: HttpBlobOptions) {
    this.options = options;
    this.name = options.name;
    // Compressed bytes would lie at other places.
    this.headers = { ...options.headers, "accept-encoding": "identity" };
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

  chunk(request: ChunkRequest): Promise<ChunkOutcome> {
    const { offsetBytes, sizeBytes } = request;
    const wanted = {
      firstByte: offsetBytes,
      lastByte: offsetBytes + sizeBytes - 1,
      sizeBytes: this.options.sizeBytes,
    };
    return this.fetch(
      request,
      `bytes=${wanted.firstByte}-${wanted.lastByte}`,
      { offsetBytes, maxBytes: sizeBytes },
      (head) => rangeAnswer(head, wanted, this.version),
      (came): ChunkOutcome => (came === sizeBytes ? GOT : short(came, sizeBytes)),
    );
  }

  async whole(request: WholeRequest): Promise<WholeOutcome> {
    const { maxBytes } = request;
    const outcome = await this.fetch(
      request,
      null,
      { offsetBytes: 0, maxBytes },
      (head) => wholeAnswer(head, this.options.sizeBytes, maxBytes, this.version),
      (sizeBytes): WholeOutcome => ({ kind: "got", sizeBytes }),
    );
    if (outcome.kind === "no-ranges") throw new Error("a request without a range cannot lack it");
    return outcome;
  }

  /** One request into the file. What the head's verdict refuses is never written. */
  private fetch<Outcome>(
    { file, onBytes, signal }: Pick<ChunkRequest, "file" | "signal" | "onBytes">,
    range: string | null,
    { offsetBytes, maxBytes }: Place,
    judge: (head: NetHead) => RangeVerdict,
    got: (sizeBytes: number) => Outcome,
  ): Promise<Outcome | Refusal> {
    let verdict: RangeVerdict | null = null;
    const take = (head: NetHead): boolean => {
      const judged = judge(head);
      verdict = judged;
      // At once, so that of several chunks on their way all come from one version.
      if (judged.kind === "take") this.version ??= judged.version;
      return judged.kind === "take";
    };
    const sink: DownloadSink = { file, offsetBytes, maxBytes, onBytes, take };
    return this.sendOn(signal, range, sink, {
      finish: (down) => {
        if (down.kind === "taken") return got(down.sizeBytes);
        this.landing = null;
        return this.refusal(down.answer, verdict);
      },
      failed: (error) => {
        this.landing = null;
        signal.throwIfAborted();
        if (!isRemoteError(error)) throw error;
        return failureOf(error, this.options.clock);
      },
    });
  }

  /** By the way that the last redirect showed, as long as it leads anywhere. */
  private sendOn<Made>(
    signal: AbortSignal,
    range: string | null,
    sink: DownloadSink,
    ending: Ending<Made>,
  ): Promise<Made> {
    const landing = this.landed();
    if (landing === null) {
      this.landing = null;
      return this.sendFirst(signal, range, sink, ending);
    }
    return this.send(landing, signal, range, sink, {
      finish: (down) => {
        // A signed URL expires (403), or its blob is moved (404): the first URL leads to a new one.
        if (down.kind !== "refused" || !EXPIRED.has(down.answer.status)) return ending.finish(down);
        this.landing = null;
        return this.sendFirst(signal, range, sink, ending);
      },
      failed: ending.failed,
    });
  }

  /** Why nothing was written. A 401 that could not be met was never judged: its status says it all. */
  private refusal(answer: NetHead, verdict: RangeVerdict | null): Refusal {
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

  /** Where the last redirect led, as long as that is believed. */
  private landed(): URL | null {
    const { landing } = this;
    return landing !== null && this.options.clock.monotonicMs() < landing.untilMs ? landing.url : null;
  }

  /** Asks the first URL, and remembers where it leads. */
  private sendFirst<Made>(
    signal: AbortSignal,
    range: string | null,
    sink: DownloadSink,
    ending: Ending<Made>,
  ): Promise<Made> {
    const landed = (end: URL): void => {
      this.landing = { url: end, untilMs: this.options.clock.monotonicMs() + LANDING_MS };
    };
    const url = this.options.url();
    if (url instanceof URL) return this.send(url, signal, range, sink, ending, landed);
    return url.then((told) => this.send(told, signal, range, sink, ending, landed), ending.failed);
  }

  private send<Made>(
    url: URL,
    signal: AbortSignal,
    range: string | null,
    sink: DownloadSink,
    { finish, failed }: Ending<Made>,
    landed?: (end: URL) => void,
  ): Promise<Made> {
    const { client, auth } = this.options;
    const headers = range === null ? this.headers : this.ranged(range);
    const request = { method: "GET", url, headers, signal, maxBodyBytes: 0, landed } as const;
    return client.download(request, sink, auth, finish, failed);
  }

  /** Made as one object where nothing else is sent: to add to another takes longer than all else here. */
  private ranged(range: string): Readonly<Record<string, string>> {
    if (this.options.headers === undefined) return { "accept-encoding": "identity", range };
    return { ...this.headers, range };
  }
}

function short(cameBytes: number, wantedBytes: number): SourceFailure {
  const why = `sent ${cameBytes} of ${wantedBytes} bytes`;
  return { kind: "failed", code: "cut", why, retry: "soon", afterMs: null };
}
