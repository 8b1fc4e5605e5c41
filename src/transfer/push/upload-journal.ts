import { isJsonObject, parseJson, stringifyJson } from "../../base/json.ts";
import { type Digest, isDigest } from "../../store/digest.ts";
import { transfersFolder } from "../../store/layout.ts";
import type { Store } from "../../store/store.ts";

// Where the uploads of an unfinished push go on: one small file, replaced as a whole. It only saves time: whatever
// it says, the registry is asked where an upload stands, and the digest decides at the end.

/** Registries keep unfinished uploads for hours, not for days. */
const MAX_AGE_MS = 24 * 60 * 60_000;
const MAX_JOURNAL_BYTES = 8 * 1024 * 1024;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

interface Entry {
  /** Holds the session's state, so it is private. */
  readonly location: string;
  readonly atMs: number;
}

export class UploadJournal {
  readonly #store: Store;
  readonly #folder: string;
  readonly #entries: Map<Digest, Entry>;
  readonly #onTrouble: (error: unknown) => void;
  #writing: Promise<void> = Promise.resolve();
  #broken = false;

  private constructor(
    store: Store,
    folder: string,
    entries: Map<Digest, Entry>,
    onTrouble: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#folder = folder;
    this.#entries = entries;
    this.#onTrouble = onTrouble;
  }

  /** Reads what an earlier push of the same to the same place left. `onTrouble` is told once when it cannot be kept. */
  static async open(
    store: Store,
    key: readonly string[],
    onTrouble: (error: unknown) => void,
  ): Promise<UploadJournal> {
    const folder = pushFolder(store, key);
    const read = await store.world.files.readSmall(`${folder}/uploads.json`, MAX_JOURNAL_BYTES);
    const nowMs = store.world.clock.wallMs();
    const entries = read.kind === "bytes" ? parseEntries(read.bytes, nowMs) : new Map<Digest, Entry>();
    return new UploadJournal(store, folder, entries, onTrouble);
  }

  location(digest: Digest): string | null {
    return this.#entries.get(digest)?.location ?? null;
  }

  async put(digest: Digest, location: string): Promise<void> {
    this.#entries.set(digest, { location, atMs: Math.round(this.#store.world.clock.wallMs()) });
    await this.#write();
  }

  async drop(digest: Digest): Promise<void> {
    if (this.#entries.delete(digest)) await this.#write();
  }

  /** Everything was sent. */
  async remove(): Promise<void> {
    await this.#writing;
    await this.#store.world.files.remove(this.#folder);
  }

  /** One write after the other; a push does not fail for a journal that cannot be written. */
  async #write(): Promise<void> {
    const turn = this.#writing.then(async () => {
      if (this.#broken) return;
      try {
        await this.#replace();
      } catch (error) {
        this.#broken = true;
        this.#onTrouble(error);
      }
    });
    this.#writing = turn;
    await turn;
  }

  async #replace(): Promise<void> {
    const { files } = this.#store.world;
    await files.makeOneFolder(transfersFolder(this.#store.root));
    if (await files.makeOneFolder(this.#folder)) await files.setMode(this.#folder, PRIVATE_FOLDER);
    const uploads = Object.fromEntries(
      [...this.#entries].map(([digest, { location, atMs }]) => [digest, { location, atMs }]),
    );
    const path = `${this.#folder}/uploads.json`;
    await files.writeAtomic(path, stringifyJson({ version: 1, uploads }));
    await files.setMode(path, PRIVATE_FILE);
  }
}

/** `transfers/push-<16 hex>`: the same push, to the same place, finds it again. */
function pushFolder(store: Store, key: readonly string[]): string {
  const hasher = store.world.hash.sha256();
  hasher.update(key.join("\n"));
  return `${transfersFolder(store.root)}/push-${hasher.hex().slice(0, 16)}`;
}

/** What cannot be read is left out: the push begins anew there. */
function parseEntries(bytes: Uint8Array, nowMs: number): Map<Digest, Entry> {
  const entries = new Map<Digest, Entry>();
  try {
    const root = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const uploads = isJsonObject(root) && root["version"] === 1 ? root["uploads"] : null;
    if (!isJsonObject(uploads)) return entries;
    for (const [digest, entry] of Object.entries(uploads)) {
      if (!isDigest(digest) || !isJsonObject(entry)) continue;
      const { location, atMs } = entry;
      if (typeof location !== "string" || typeof atMs !== "number") continue;
      if (Math.abs(nowMs - atMs) < MAX_AGE_MS) entries.set(digest, { location, atMs });
    }
  } catch {
    return entries;
  }
  return entries;
}
