import type { EmitTransfer } from "../../evidence/transfer-events.ts";
import type { OpenFile } from "../../world/files.ts";
import { JOURNAL_MS, JOURNAL_RECORDS, MAX_JOURNAL_BYTES } from "../limits.ts";
import type { TransferWorld } from "../world.ts";
import { encodeRecord, type JournalRecord } from "./record.ts";
import { type Replayed, replayJournal } from "./replay.ts";

const PRIVATE_MODE = 0o600;
/** A few records. Larger ones would not come from Node's pool. */
const LINE_BYTES = 4000;
/** UTF-8 of a UTF-16 unit. */
const MAX_UNIT_BYTES = 3;

/** An open journal: records are appended in the order of the calls, and are never changed. */
export class Journal {
  readonly #world: TransferWorld;
  readonly #file: OpenFile;
  readonly #emit: EmitTransfer;
  #last: { n: number; hash: string };
  #endBytes: number;
  /** The last record that lies in the file. */
  #written: number;
  #writtenMs = Number.NEGATIVE_INFINITY;
  readonly #line: Buffer = Buffer.allocUnsafe(LINE_BYTES);
  /** Lines that no write has taken yet. */
  #waiting = "";
  /** The write that is under way. It settles without an error. */
  #writing: Promise<void> | null = null;
  /** What waits is to be written as soon as that has ended. */
  #soon = false;
  /** After a failed write nothing is written any more: the end of the file is not known. */
  #failure: { readonly error: unknown } | null = null;

  private constructor(world: TransferWorld, file: OpenFile, emit: EmitTransfer, replayed: Replayed) {
    this.#world = world;
    this.#file = file;
    this.#emit = emit;
    this.#last = replayed.last;
    this.#endBytes = replayed.soundBytes;
    this.#written = replayed.last.n;
  }

  /** Opens or makes a journal. A torn end is cut off. */
  static async open(
    world: TransferWorld,
    path: string,
    emit: EmitTransfer,
  ): Promise<{ readonly journal: Journal; readonly replayed: Replayed }> {
    const there = (await world.files.facts(path)) !== null;
    const file = there ? await world.files.openUpdate(path) : await world.files.createNew(path, PRIVATE_MODE);
    try {
      const replayed = there ? await readJournal(world, path) : replayOf(world, new Uint8Array(0));
      if (there) await file.truncate(replayed.soundBytes);
      emit("journal_opened", { next: replayed.last.n + 1, head: replayed.last.hash });
      return { journal: new Journal(world, file, emit, replayed), replayed };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds a record and gives its number. It is on the disk after `flush`, on the medium after `sync`. */
  append(record: JournalRecord): number {
    const n = this.#last.n + 1;
    const { line, hash } = encodeRecord(this.#world.hash, n, this.#last.hash, record);
    this.#emit("checkpoint", { seq: n, prev: this.#last.hash, hash });
    this.#last = { n, hash };
    this.#waiting += `${line}\n`;
    return n;
  }

  get lastNumber(): number {
    return this.#last.n;
  }

  /** Writes what was appended: from then on it outlives this process. */
  async flush(): Promise<void> {
    const upto = this.#last.n;
    while (this.#failure === null && this.#written < upto) {
      this.#writing ??= this.#write();
      await this.#writing;
    }
    if (this.#failure !== null) throw this.#failure.error;
  }

  /**
   * Writes when a few records have come together, or none was written for a while: what a kill can take is a few
   * chunks that came within a moment. A failure shows at the next `flush` or `sync`.
   */
  flushSoon(): void {
    if (this.#writing !== null) this.#soon = true;
    else if (this.#isTime()) this.#writing = this.#write();
  }

  #isTime(): boolean {
    const count = this.#last.n - this.#written;
    if (count === 0 || count >= JOURNAL_RECORDS) return count > 0;
    return this.#world.clock.monotonicMs() - this.#writtenMs >= JOURNAL_MS;
  }

  /** From then on it outlives the machine. */
  async sync(): Promise<void> {
    await this.flush();
    await this.#file.sync();
  }

  /** Nothing that it says counts any more, also in this start of the machine. It must not be appended to after this. */
  discard(): Promise<void> {
    return this.#file.truncate(0);
  }

  /** What was appended is written, where that can be done. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.#file.close();
  }

  /** In memory that the next write uses again: they come one after the other. */
  #encoded(text: string): Uint8Array {
    if (text.length * MAX_UNIT_BYTES > LINE_BYTES) return Buffer.from(text, "utf8");
    return this.#line.subarray(0, this.#line.write(text, 0, "utf8"));
  }

  /** One write of all that waits. Two callbacks, and no function that awaits: nearly every chunk has one. */
  #write(): Promise<void> {
    const upto = this.#last.n;
    this.#writtenMs = this.#world.clock.monotonicMs();
    const bytes = this.#encoded(this.#waiting);
    this.#waiting = "";
    return this.#file.writeAt(bytes, this.#endBytes).then(
      () => {
        this.#endBytes += bytes.length;
        this.#written = upto;
        this.#writing = null;
        if (!this.#soon) return;
        this.#soon = false;
        if (this.#isTime()) this.#writing = this.#write();
      },
      (error: unknown) => {
        this.#failure = { error };
      },
    );
  }
}

/** What a journal says; one that is too large says nothing. */
export async function readJournal(world: TransferWorld, path: string): Promise<Replayed> {
  const read = await world.files.readSmall(path, MAX_JOURNAL_BYTES);
  const bytes = read.kind === "bytes" ? read.bytes : new Uint8Array(0);
  return replayOf(world, bytes);
}

function replayOf({ hash, host }: TransferWorld, bytes: Uint8Array): Replayed {
  return replayJournal(hash, bytes, host.bootId);
}
