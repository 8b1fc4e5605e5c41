import { breadcrumbPaths } from "../contracts/oom-report.ts";
import { mayHoldOom, recognise } from "./recognise/recognise.ts";
import type { Recognised } from "./recognise/types.ts";

/** Of stderr this much is kept, its last bytes. */
const RING_BYTES = 256 * 1024;
/** Messages kept: the first ones, and among the later ones the last. */
const MAX_WORDS = 64;
const LINE_FEED = 10;
/** Two lines may belong together, so the end of the text before is looked at again. */
const OVERLAP_CHARS = 2048;
/** A line that goes on for longer, such as a progress bar's, is looked at in pieces. */
const MAX_LINE_CHARS = 64 * 1024;

/** Watches a program's stderr as it goes by: keeps its end, and every out-of-memory message in it. */
export class StderrWatch {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #total = 0;
  #carry = "";
  /** Where the carried text begins, counted from the start of all. */
  #carryAt = 0;
  #words: Recognised[] = [];
  #breadcrumbs: string[] = [];

  add(bytes: Uint8Array): void {
    // A piece of the stream's own buffer would keep all of that buffer.
    const piece = Uint8Array.from(bytes.length > RING_BYTES ? bytes.subarray(-RING_BYTES) : bytes);
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    this.#total += bytes.length;
    while (this.#bytes - (this.#pieces[0]?.length ?? 0) >= RING_BYTES) {
      this.#bytes -= this.#pieces.shift()?.length ?? 0;
    }
    this.#take(latin1(bytes));
  }

  /** Only whole lines are looked at: the start of a line may read like a message, and go on to be none. */
  #take(text: string): void {
    this.#carry += text;
    if (!text.includes("\n") && this.#carry.length < MAX_LINE_CHARS) return;
    const end = this.#carry.lastIndexOf("\n") + 1;
    const whole = end > 0 ? end : this.#carry.length;
    this.#look(this.#carry.slice(0, whole));
    const drop = Math.max(0, whole - OVERLAP_CHARS);
    this.#carryAt += drop;
    this.#carry = this.#carry.slice(drop);
  }

  #look(text: string): void {
    if (mayHoldOom(text)) this.#note(recognise(text));
    for (const path of breadcrumbPaths(text)) {
      if (!this.#breadcrumbs.includes(path) && this.#breadcrumbs.length < MAX_WORDS)
        this.#breadcrumbs.push(path);
    }
  }

  /** A message in the overlap comes again, perhaps longer: the longer one stays. */
  #note(found: readonly Recognised[]): void {
    for (const each of found) {
      const placed = { ...each, offset: this.#carryAt + each.offset };
      const same = this.#words.findIndex(({ offset }) => offset === placed.offset);
      const before = this.#words[same];
      if (before === undefined) this.#words.push(placed);
      // Seen again, it may have less text before it, which tells some figures.
      else if (placed.text.length > before.text.length) this.#words[same] = placed;
    }
    if (this.#words.length > MAX_WORDS) {
      this.#words = [...this.#words.slice(0, MAX_WORDS / 2), ...this.#words.slice(-MAX_WORDS / 2)];
    }
  }

  /** In the order in which they came. To be asked at the end: a last line without an end counts as a line. */
  words(): readonly Recognised[] {
    this.#look(this.#carry);
    return this.#words;
  }

  /** Reports that the program itself tells of, such as one under an `apr run` of its own. */
  breadcrumbs(): readonly string[] {
    return this.#breadcrumbs;
  }

  /** The last 256 KiB. Bytes that are no UTF-8 are replaced. */
  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#pieces).subarray(-RING_BYTES));
  }

  get totalBytes(): number {
    return this.#total;
  }

  /** False when the last line has no end yet. */
  get atLineStart(): boolean {
    return this.#total === 0 || this.#pieces.at(-1)?.at(-1) === LINE_FEED;
  }
}

/** The messages are ASCII: a byte a character keeps every place. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
