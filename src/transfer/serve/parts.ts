import { findBlob } from "../../store/blobs.ts";
import { type Digest, hexOf } from "../../store/digest.ts";
import { blobPath } from "../../store/layout.ts";
import type { Store } from "../../store/store.ts";
import type { FileFacts, OpenFile } from "../../world/files.ts";
import type { PartDigests } from "../../world/hash.ts";
import type { Sending } from "./sending.ts";

export type PartsOutcome =
  | ({ readonly kind: "ready" } & PartDigests)
  /** It is being computed. */
  | { readonly kind: "later" }
  | { readonly kind: "absent" }
  /** The file has not got the digest that it is named after. */
  | { readonly kind: "damaged" };

const MIB = 1024 * 1024;
/** Then 4,096 digests a blob are the most for years, and 8,192 for ever. */
const PART_BYTES = [
  { upToBytes: 4096 * MIB, partBytes: 2 * MIB },
  { upToBytes: 16_384 * MIB, partBytes: 4 * MIB },
  { upToBytes: 65_536 * MIB, partBytes: 8 * MIB },
] as const;
const MAX_PARTS = 8192;
/** Read and hashed in one go: about a millisecond, so that requests in between do not wait. */
const PIECE_BYTES = MIB;
const ANSWER_WITHIN_MS = 1000;
/** All digests that are remembered: those of about 250 blobs of 8 GiB. */
const MAX_REMEMBERED_BYTES = 64 * MIB;
/** What one digest takes in memory, with the string around it. */
const DIGEST_BYTES = 96;
const MAX_DAMAGED = 1000;
const MAX_WAITING = 64;
/** Rest after each piece while blobs are being sent: hashing then takes a fifth of this thread's time. */
const REST_MS = 4;

/** How large the parts of a blob are, all but its last. */
export function partBytesFor(sizeBytes: number): number {
  for (const { upToBytes, partBytes } of PART_BYTES) if (sizeBytes <= upToBytes) return partBytes;
  return 2 ** Math.ceil(Math.log2(sizeBytes / MAX_PARTS));
}

/** Digests of blobs' parts, computed when somebody asks, one blob at a time. */
export class Parts {
  readonly #store: Store;
  readonly #sending: Sending;
  /** Least recently used first. */
  readonly #ready = new Map<Digest, PartDigests>();
  readonly #running = new Map<Digest, Promise<PartsOutcome>>();
  /** The version of a file that was found damaged: only another one is looked at again. */
  readonly #damaged = new Map<Digest, string>();
  readonly #closed = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #rememberedBytes = 0;

  constructor(store: Store, sending: Sending) {
    this.#store = store;
    this.#sending = sending;
  }

  /** Answers within about a second. Throws what the disk says. */
  async of(digest: Digest): Promise<PartsOutcome> {
    const ready = this.#ready.get(digest);
    if (ready !== undefined) {
      this.#ready.delete(digest);
      this.#ready.set(digest, ready);
      return { kind: "ready", ...ready };
    }
    const running = this.#running.get(digest) ?? this.#begin(digest);
    if (running === null) return { kind: "later" };
    const answered = new AbortController();
    const late = this.#store.world.timers
      .sleep(ANSWER_WITHIN_MS, answered.signal)
      .then((): PartsOutcome => ({ kind: "later" }));
    try {
      return await Promise.race([running, late]);
    } finally {
      answered.abort();
    }
  }

  /** Ends what is being computed. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.allSettled(this.#running.values());
  }

  #begin(digest: Digest): Promise<PartsOutcome> | null {
    if (this.#running.size >= MAX_WAITING || this.#closed.signal.aborted) return null;
    const running = this.#turn.then(() => this.#compute(digest)).finally(() => this.#running.delete(digest));
    this.#turn = running.catch(() => undefined);
    this.#running.set(digest, running);
    return running;
  }

  async #compute(digest: Digest): Promise<PartsOutcome> {
    if ((await findBlob(this.#store, digest)) === null) return { kind: "absent" };
    const file = await this.#store.world.files.openRead(blobPath(this.#store.root, digest));
    try {
      const facts = await file.facts();
      const version = `${facts.inode} ${facts.sizeBytes} ${facts.modifiedNs}`;
      if (this.#damaged.get(digest) === version) return { kind: "damaged" };
      const parts = await this.#hash(file, facts, digest);
      if (parts === "closed") return { kind: "later" };
      if (parts === null) {
        if (this.#damaged.size >= MAX_DAMAGED) this.#damaged.clear();
        this.#damaged.set(digest, version);
        return { kind: "damaged" };
      }
      this.#remember(digest, parts);
      return { kind: "ready", ...parts };
    } finally {
      await file.close();
    }
  }

  /** Null when the whole has another digest: then its parts prove nothing. */
  async #hash(
    file: OpenFile,
    { sizeBytes }: FileFacts,
    digest: Digest,
  ): Promise<PartDigests | "closed" | null> {
    const { hash } = this.#store.world;
    const partBytes = partBytesFor(sizeBytes);
    const whole = hash.sha256();
    const hex: string[] = [];
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, Math.max(1, sizeBytes)));
    for (let start = 0; start < sizeBytes; start += partBytes) {
      const part = hash.sha256();
      const end = Math.min(start + partBytes, sizeBytes);
      for (let at = start; at < end; at += buffer.length) {
        if (this.#closed.signal.aborted) return "closed";
        const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
        if ((await file.readAt(piece, at)) !== piece.length) return null;
        part.update(piece);
        whole.update(piece);
        if (this.#sending.isBusy) await this.#store.world.timers.sleep(REST_MS, this.#closed.signal);
      }
      hex.push(part.hex());
    }
    return whole.hex() === hexOf(digest) ? { partBytes, hex } : null;
  }

  #remember(digest: Digest, parts: PartDigests): void {
    this.#ready.set(digest, parts);
    this.#rememberedBytes += parts.hex.length * DIGEST_BYTES;
    for (const [oldest, { hex }] of this.#ready) {
      if (this.#rememberedBytes <= MAX_REMEMBERED_BYTES || oldest === digest) return;
      this.#ready.delete(oldest);
      this.#rememberedBytes -= hex.length * DIGEST_BYTES;
    }
  }
}
