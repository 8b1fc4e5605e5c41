/** Points that are kept at most; when there are twice as many, each pair becomes one. */
const MAX_POINTS = 512;

export interface Point {
  readonly t: number;
  readonly bytes: number;
}

/** A curve of any length in bounded memory. Of what is put together the largest stays, so that no peak is lost. */
export class Curve {
  #points: Point[] = [];
  /** Values that become one point. */
  #width = 1;
  #count = 0;
  // The largest of them so far: two numbers rather than an object, since this runs for each of millions of events.
  #bestT = 0;
  #bestBytes = 0;

  add(t: number, bytes: number): void {
    if (this.#count === 0 || bytes > this.#bestBytes) {
      this.#bestT = t;
      this.#bestBytes = bytes;
    }
    this.#count += 1;
    if (this.#count < this.#width) return;
    this.#points.push({ t: this.#bestT, bytes: this.#bestBytes });
    this.#count = 0;
    if (this.#points.length >= 2 * MAX_POINTS) this.#halve();
  }

  #halve(): void {
    this.#points = this.#points.flatMap((point, index, all) => {
      const next = all[index + 1];
      if (index % 2 === 1) return [];
      return [next !== undefined && next.bytes > point.bytes ? next : point];
    });
    this.#width *= 2;
  }

  /** All points in order, `base` bytes added to each. */
  points(base: number): Point[] {
    const last = this.#count === 0 ? [] : [{ t: this.#bestT, bytes: this.#bestBytes }];
    return [...this.#points, ...last].map(({ t, bytes }) => ({ t, bytes: bytes + base }));
  }
}
