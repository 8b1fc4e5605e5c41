import { systemCode } from "../../base/errors.ts";
import { type Digest, digestOf } from "../../store/digest.ts";
import { placeStream } from "../../store/ingest.ts";
import { BLOB_MODE } from "../../store/layout.ts";
import type { Store } from "../../store/store.ts";
import { LeaseLost } from "../../store/work.ts";
import type { OpenFile } from "../../world/files.ts";
import type { Hold } from "./hold.ts";
import { keepWork, type KeptWork } from "./kept-work.ts";
import type { ServeLimits } from "./options.ts";

const PRIVATE_MODE = 0o600;
const ID_BYTES = 16;

/** One blob on its way in. Its bytes lie in work of its own until they are checked. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly file: OpenFile;
  readonly kept: KeptWork;
  readonly over: AbortController;
  receivedBytes: number;
  /** With what the request in progress has announced. */
  claimedBytes: number;
  lastMs: number;
  /** What a request does with it just now; null while it waits for the next. */
  running: Promise<unknown> | null;
}

/** Unfinished uploads of one server. */
export class Uploads {
  readonly #store: Store;
  readonly #hold: Hold;
  readonly #limits: ServeLimits;
  readonly #open = new Map<string, Upload>();
  /** Places that are taken by uploads that are just being opened. */
  #opening = 0;
  #closed = false;

  constructor(store: Store, hold: Hold, limits: ServeLimits) {
    this.#store = store;
    this.#hold = hold;
    this.#limits = limits;
  }

  /** Null when there are too many. */
  async start(name: string): Promise<Upload | null> {
    const isFull = this.#open.size + this.#opening >= this.#limits.maxUploads || this.#hold.isFull;
    if (isFull || this.#closed) return null;
    this.#opening += 1;
    try {
      const { random, files } = this.#store.world;
      const kept = await keepWork(this.#store);
      const path = `${kept.work.folder}/upload`;
      const file = await files.createNew(path, PRIVATE_MODE).catch(async (error: unknown) => {
        await kept.end();
        throw error;
      });
      const id = Buffer.from(random.bytes(ID_BYTES)).toString("hex");
      const over = new AbortController();
      const counts = { receivedBytes: 0, claimedBytes: 0, lastMs: this.#nowMs(), running: null };
      const upload: Upload = { id, name, path, file, kept, over, ...counts };
      this.#open.set(id, upload);
      this.#dropWhenIdle(upload).catch(() => undefined);
      if (!this.#isClosed()) return upload;
      await this.drop(upload);
      return null;
    } finally {
      this.#opening -= 1;
    }
  }

  /** An upload is known under the name that it began with, and no other. */
  get(name: string, id: string): Upload | null {
    const upload = this.#open.get(id);
    return upload?.name === name ? upload : null;
  }

  /** One request at a time: null while another one is at it. */
  async use<T>(upload: Upload, act: () => Promise<T>): Promise<T | null> {
    if (upload.running !== null || upload.over.signal.aborted) return null;
    const running = act();
    upload.running = running;
    try {
      return await running;
    } finally {
      upload.running = null;
      upload.lastMs = this.#nowMs();
      upload.claimedBytes = upload.receivedBytes;
    }
  }

  /** How many bytes more this upload may take, and what sets the limit. */
  async room(upload: Upload): Promise<{ readonly bytes: number; readonly by: "limit" | "disk" }> {
    const { maxBlobBytes, maxUploadBytes, keepFreeBytes } = this.#limits;
    const claimed = [...this.#open.values()].reduce((sum, { claimedBytes }) => sum + claimedBytes, 0);
    const limit = Math.max(0, Math.min(maxBlobBytes - upload.receivedBytes, maxUploadBytes - claimed));
    const { freeBytes } = await this.#store.world.files.space(upload.kept.work.folder);
    // What others have announced is not on the disk yet.
    const expected = [...this.#open.values()].reduce(
      (sum, other) => sum + (other === upload ? 0 : other.claimedBytes - other.receivedBytes),
      0,
    );
    const disk = Math.max(0, freeBytes - keepFreeBytes - expected);
    return disk < limit ? { bytes: disk, by: "disk" } : { bytes: limit, by: "limit" };
  }

  /** Checks the bytes and gives them their final name; the upload is over then, whatever came of it. */
  async finish(upload: Upload, digest: Digest): Promise<"placed" | "wrong-digest"> {
    const { path, file, kept } = upload;
    try {
      // A chunk that was broken off may have left more.
      await file.truncate(upload.receivedBytes);
      await file.setMode(BLOB_MODE);
      const hashing = this.#store.world.hash.file(path, { signal: upload.over.signal });
      const [{ hex, sizeBytes }] = await Promise.all([hashing, file.sync()]);
      if (digestOf(hex) !== digest || sizeBytes !== upload.receivedBytes) return "wrong-digest";
      // Named first: between this work's end and the manifest, gc must know of it.
      await this.#hold.add(upload.name, [digest]);
      await placeStream(this.#store, kept.work, { digest, sizeBytes, how: "copy", temp: path });
      return "placed";
    } catch (error) {
      throw systemCode(error) === "ENOENT" ? new LeaseLost(error) : error;
    } finally {
      await this.drop(upload);
    }
  }

  /** Leaves nothing of it. */
  async drop(upload: Upload): Promise<void> {
    if (!this.#open.delete(upload.id)) return;
    upload.over.abort();
    await upload.file.close();
    await upload.kept.end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const upload of this.#open.values()) {
      upload.over.abort();
      await upload.running?.catch(() => undefined);
      await this.drop(upload);
    }
  }

  async #dropWhenIdle(upload: Upload): Promise<void> {
    const { uploadIdleMs } = this.#limits;
    const { signal } = upload.over;
    while (!signal.aborted) {
      const idleMs = upload.running === null ? this.#nowMs() - upload.lastMs : 0;
      if (idleMs >= uploadIdleMs) return this.drop(upload);
      await this.#store.world.timers.sleep(uploadIdleMs - idleMs, signal);
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #nowMs(): number {
    return this.#store.world.clock.monotonicMs();
  }
}
