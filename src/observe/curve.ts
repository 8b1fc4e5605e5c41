/** One sample of a tree's memory. */
export interface Sample {
  /** Milliseconds since the program's start. */
  readonly atMs: number;
  readonly bytes: number;
}

/** Points kept for the whole run, and of its last moments. */
const MAX_POINTS = 512;
const MAX_RECENT = 101;

/** A memory curve in bounded room: the whole run in coarser and coarser steps, its last samples as they were. */
export class Curve {
  #points: Sample[] = [];
  readonly #recent: Sample[] = [];
  #every = 1;
  #pending: Sample | undefined;
  #count = 0;

  add(sample: Sample): void {
    this.#recent.push(sample);
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
    // Of each step the highest sample stays, so that no peak is lost.
    if (this.#pending === undefined || sample.bytes > this.#pending.bytes) this.#pending = sample;
    this.#count += 1;
    if (this.#count % this.#every !== 0) return;
    this.#points.push(this.#pending);
    this.#pending = undefined;
    if (this.#points.length >= MAX_POINTS) this.#halve();
  }

  #halve(): void {
    const half: Sample[] = [];
    for (let at = 0; at < this.#points.length; at += 2) {
      const [first, second] = [this.#points[at], this.#points[at + 1]];
      if (first === undefined) continue;
      half.push(second !== undefined && second.bytes > first.bytes ? second : first);
    }
    this.#points = half;
    this.#every *= 2;
  }

  /** In the order of time. */
  points(): readonly Sample[] {
    const last = this.#recent.at(-1);
    const whole = this.#pending === undefined ? this.#points : [...this.#points, this.#pending];
    return last === undefined || whole.at(-1) === last ? whole : [...whole, last];
  }

  /** The last 101 samples: 100 changes. */
  recent(): readonly Sample[] {
    return this.#recent;
  }
}
