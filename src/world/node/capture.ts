import type { Readable } from "node:stream";
import type { Captured } from "../processes.ts";

/** Keeps the first and the last bytes of a stream and counts the rest, so that 1 GB of output costs no memory. */
export class Capture {
  readonly #half: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #total = 0;

  constructor(stream: Readable, keepBytes: number) {
    this.#half = Math.floor(keepBytes / 2);
    stream.on("data", (chunk: Buffer) => this.#add(chunk));
    // A broken pipe here means that the program has gone: its exit status tells the story.
    stream.on("error", () => undefined);
  }

  #add(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = this.#half - this.#headBytes;
    const first = room > 0 ? chunk.subarray(0, room) : undefined;
    if (first !== undefined && first.length > 0) {
      this.#head.push(Buffer.from(first));
      this.#headBytes += first.length;
    }
    const rest = chunk.subarray(first?.length ?? 0);
    if (rest.length === 0) return;
    this.#tail.push(rest.length > this.#half ? Buffer.from(rest.subarray(-this.#half)) : Buffer.from(rest));
    this.#tailBytes += Math.min(rest.length, this.#half);
    while (this.#tailBytes - (this.#tail[0]?.length ?? 0) >= this.#half) {
      this.#tailBytes -= this.#tail.shift()?.length ?? 0;
    }
  }

  take(): Captured {
    const tail = Buffer.concat(this.#tail);
    const kept = tail.length > this.#half ? tail.subarray(-this.#half) : tail;
    const dropped = this.#total - this.#headBytes - kept.length;
    const gap = dropped > 0 ? `\n[${dropped} bytes left out]\n` : "";
    const text = Buffer.concat(this.#head).toString("utf8") + gap + kept.toString("utf8");
    return { text, totalBytes: this.#total, droppedBytes: dropped };
  }
}
