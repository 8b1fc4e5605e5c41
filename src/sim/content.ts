import { cut, joined, type Run, ZERO, zeroRun } from "./data.ts";

interface Placed {
  readonly at: number;
  readonly run: Run;
}

/** What is in a file: runs in order, with holes between them. */
export class Content {
  #runs: Placed[] = [];
  size = 0;

  clone(): Content {
    const copy = new Content();
    copy.#runs = this.#runs.slice();
    copy.size = this.size;
    return copy;
  }

  /** What it takes on the disk: everything but its holes. */
  get allocatedBytes(): number {
    let sum = 0;
    for (const { run } of this.#runs) sum += run.size;
    return sum;
  }

  /** Puts a run there, over whatever was there. Returns by how much more it takes on the disk. */
  write(at: number, run: Run): number {
    if (run.size === 0) return 0;
    const end = at + run.size;
    const runs = this.#runs;
    if (end > this.size) this.size = end;
    const last = runs[runs.length - 1];
    if (last === undefined || last.at + last.run.size <= at) {
      const whole = last !== undefined && last.at + last.run.size === at ? joined(last.run, run) : null;
      if (whole === null) runs.push({ at, run });
      else runs[runs.length - 1] = { at: last?.at ?? 0, run: whole };
      return run.size;
    }
    const first = this.#firstEndingAfter(at);
    if (this.#fillRoom(first, at, run)) return 0;
    let upto = first;
    let covered = 0;
    const pieces: Placed[] = [];
    const before = runs[first];
    if (before !== undefined && before.at < at) {
      pieces.push({ at: before.at, run: cut(before.run, 0, at - before.at) });
    }
    pieces.push({ at, run });
    for (let each = runs[upto]; each !== undefined && each.at < end; each = runs[++upto]) {
      const tail = each.at + each.run.size - end;
      covered += Math.min(end, each.at + each.run.size) - Math.max(at, each.at);
      if (tail > 0) pieces.push({ at: end, run: cut(each.run, each.run.size - tail, tail) });
    }
    this.#replace(first, upto, pieces);
    return run.size - covered;
  }

  /** Cuts it short, or makes it longer with a hole. Returns by how much more it takes. */
  truncate(size: number): number {
    let freed = 0;
    for (let last = this.#runs.at(-1); last !== undefined && last.at + last.run.size > size; ) {
      freed += last.at + last.run.size - Math.max(size, last.at);
      this.#runs.pop();
      if (last.at < size) this.#runs.push({ at: last.at, run: cut(last.run, 0, size - last.at) });
      last = this.#runs.at(-1);
    }
    this.size = size;
    return -freed;
  }

  /** Makes holes below `size` into room that is taken. Returns by how much more it takes. */
  reserve(size: number): number {
    const holes: Placed[] = [];
    let at = 0;
    for (const placed of this.#runs) {
      if (placed.at >= size) break;
      if (placed.at > at) holes.push({ at, run: zeroRun(placed.at - at) });
      at = placed.at + placed.run.size;
    }
    if (at < size) holes.push({ at, run: zeroRun(size - at) });
    let more = 0;
    for (const hole of holes) more += this.write(hole.at, hole.run);
    return more;
  }

  /** The runs of a part of it, holes as zeros; less where it ends before. */
  read(at: number, size: number): Run[] {
    const end = Math.min(this.size, at + size);
    const found: Run[] = [];
    let done = at;
    for (let index = this.#firstEndingAfter(at); done < end; index++) {
      const placed = this.#runs[index];
      if (placed === undefined || placed.at >= end) {
        found.push(zeroRun(end - done));
        break;
      }
      if (placed.at > done) found.push(zeroRun(placed.at - done));
      const from = Math.max(done, placed.at);
      const upto = Math.min(end, placed.at + placed.run.size);
      found.push(cut(placed.run, from - placed.at, upto - from));
      done = upto;
    }
    return found;
  }

  /** The usual write into a part file: into one piece of reserved room. Pieces that touch become one. */
  #fillRoom(index: number, at: number, run: Run): boolean {
    const runs = this.#runs;
    const room = runs[index];
    if (room === undefined || room.run.kind !== ZERO || run.kind === ZERO) return false;
    const end = at + run.size;
    const left = at - room.at;
    const right = room.at + room.run.size - end;
    if (left < 0 || right < 0) return false;
    let placed: Placed = { at, run };
    let from = index;
    let upto = index + 1;
    const before = left === 0 ? withData(runs[index - 1], at) : null;
    const joint = before === null ? null : joined(before.run, run);
    if (before !== null && joint !== null) {
      placed = { at: before.at, run: joint };
      from = index - 1;
    }
    const after = right === 0 ? runs[upto] : undefined;
    const onto = after?.at === end && after.run.kind !== ZERO ? joined(placed.run, after.run) : null;
    if (onto !== null) {
      placed = { at: placed.at, run: onto };
      upto += 1;
    }
    if (left > 0) runs[from++] = { at: room.at, run: zeroRun(left) };
    const rest = right > 0 ? { at: end, run: zeroRun(right) } : null;
    // Mostly there is as much room as is needed, or one place is missing.
    if (from < upto) runs[from++] = placed;
    else insert(runs, from++, placed);
    upto = Math.max(upto, from);
    if (rest !== null) {
      if (from < upto) runs[from++] = rest;
      else insert(runs, from++, rest);
    }
    if (from < upto) runs.splice(from, upto - from);
    return true;
  }

  #replace(first: number, upto: number, pieces: Placed[]): void {
    const runs = this.#runs;
    const before = runs[first - 1];
    const after = runs[upto];
    if (before !== undefined) pieces.unshift(before);
    if (after !== undefined) pieces.push(after);
    const merged: Placed[] = [];
    for (const piece of pieces) {
      const last = merged[merged.length - 1];
      const adjoining = last !== undefined && last.at + last.run.size === piece.at;
      // Room that was reserved stays apart from data: it is written soon.
      const whole = adjoining && last.run.kind !== ZERO ? joined(last.run, piece.run) : null;
      if (whole === null) merged.push(piece);
      else merged[merged.length - 1] = { at: last?.at ?? 0, run: whole };
    }
    const from = before === undefined ? first : first - 1;
    runs.splice(from, (after === undefined ? upto : upto + 1) - from, ...merged);
  }

  #firstEndingAfter(at: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const placed = this.#runs[middle];
      if (placed !== undefined && placed.at + placed.run.size <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** As `splice` does it, which takes longer for so few. */
function insert(runs: Placed[], index: number, placed: Placed): void {
  for (let at = runs.length; at > index; at--) runs[at] = runs[at - 1] ?? placed;
  runs[index] = placed;
}

/** A piece of data that ends there. */
function withData(placed: Placed | undefined, end: number): Placed | null {
  return placed !== undefined && placed.run.kind !== ZERO && placed.at + placed.run.size === end
    ? placed
    : null;
}
