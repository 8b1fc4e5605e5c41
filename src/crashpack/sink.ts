import type { OpenFile } from "../world/files.ts";
import type { Hasher } from "../world/hash.ts";
import type { PackWorld } from "./types.ts";

/** Text is gathered to about so many characters before it is written. */
const PIECE_CHARS = 512 * 1024;

/** A new file that is written from front to end, and hashed meanwhile. */
export class FileSink {
  readonly #file: OpenFile;
  readonly #hasher: Hasher;
  #waiting: string[] = [];
  #waitingChars = 0;
  #sizeBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: OpenFile, hasher: Hasher) {
    this.#file = file;
    this.#hasher = hasher;
  }

  static async open({ files, hash }: PackWorld, path: string, mode: number): Promise<FileSink> {
    const file = await files.createNew(path, mode);
    return new FileSink(file, hash.sha256());
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes text; true when so much waits that `flush` should be called. */
  add(text: string): boolean {
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    return this.#waitingChars >= PIECE_CHARS;
  }

  /** Begins to write what waits. Resolves when what was begun before is written: the next piece is made meanwhile. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(""), "utf8");
    this.#waiting = [];
    this.#waitingChars = 0;
    await this.write(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hasher.update(bytes);
    const before = this.#writing;
    const offset = this.#sizeBytes;
    this.#sizeBytes += bytes.length;
    await before;
    this.#writing = this.#file.writeAt(bytes, offset);
    // Whoever awaits it next gets the error; until then it must not count as one that nobody handles.
    this.#writing.catch(() => undefined);
  }

  /** Writes the rest, syncs and closes. Resolves with the digest in lower-case hex. */
  async end(): Promise<string> {
    await this.flush();
    await this.#writing;
    await this.#file.sync();
    await this.#file.close();
    return this.#hasher.hex();
  }

  /** Closes whatever happened. Harmless after `end`. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }
}
