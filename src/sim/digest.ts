import { bytesOf, copied, MIN_VIRTUAL_BYTES, REAL, type Run, sizeOf, VIRTUAL, joined, ZERO } from "./data.ts";
import { matching, runsOf } from "./known-runs.ts";
import type { Hasher } from "../world/hash.ts";

// The digest of bytes is their SHA-256 as long as they are few and real. Otherwise it is the SHA-256 of a description
// of their runs. Both depend on the bytes alone, so that the same bytes have the same digest, whoever hashes them and
// in whatever pieces, and other bytes have another.

/** SHA-256 in lower-case hex. */
export type Sha256 = (data: string | Uint8Array) => string;

const MAX_REAL_BYTES = 1024 * 1024;
const NO_RUNS: Run[] = [];

/** Digests of whole contents: they are asked for in every run. */
export type DigestMemo = Map<string, string>;

export class RunHasher implements Hasher {
  readonly #sha256: Sha256;
  readonly #memo: DigestMemo;
  #runs: Run[] = NO_RUNS;
  #text: string | null = null;

  constructor(sha256: Sha256, memo: DigestMemo) {
    this.#sha256 = sha256;
    this.#memo = memo;
  }

  update(data: Uint8Array | string): void {
    if (typeof data === "string") {
      if (this.#text === null && this.#runs.length === 0) this.#text = data;
      else this.#addBytes(Buffer.from(data, "utf8"));
    } else this.#addBytes(data);
  }

  add(run: Run): void {
    this.#flushText();
    if (run.size === 0) return;
    // So short a piece would not be known again among bytes.
    if (run.kind === VIRTUAL && run.size < MIN_VIRTUAL_BYTES && !this.#continues(run)) {
      this.#push({ ...run, kind: REAL, bytes: bytesOf([run]) });
    } else this.#push(run);
  }

  hex(): string {
    if (this.#text !== null) return this.#sha256(this.#text);
    const runs = this.#runs;
    if (runs.every(({ kind }) => kind !== VIRTUAL) && sizeOf(runs) <= MAX_REAL_BYTES) {
      return this.#sha256(bytesOf(runs));
    }
    const text = describe(runs, this.#sha256);
    if (runs.length > 1) return this.#sha256(text);
    const known = this.#memo.get(text) ?? this.#sha256(text);
    this.#memo.set(text, known);
    return known;
  }

  #flushText(): void {
    const text = this.#text;
    this.#text = null;
    if (text !== null) this.#addBytes(Buffer.from(text, "utf8"));
  }

  #addBytes(data: Uint8Array): void {
    this.#flushText();
    let rest = data;
    const last = this.#runs[this.#runs.length - 1];
    if (last?.kind === VIRTUAL) {
      const size = matching(rest, 0, last.id, last.from + last.size);
      if (size > 0) this.#push({ ...last, from: last.from + last.size, size });
      rest = rest.subarray(size);
    }
    for (const run of runsOf(rest)) {
      // The caller may use its buffer again.
      this.#push(run.kind === REAL ? { ...run, bytes: copied(run.bytes) } : run);
    }
  }

  #continues(run: Run): boolean {
    const last = this.#runs[this.#runs.length - 1];
    return last !== undefined && joined(last, run) !== null;
  }

  #push(run: Run): void {
    // Most digests are of one text.
    if (this.#runs === NO_RUNS) this.#runs = [];
    const at = this.#runs.length - 1;
    const last = this.#runs[at];
    const whole = last === undefined ? null : joined(last, run);
    if (whole === null) this.#runs.push(run);
    else this.#runs[at] = whole;
  }
}

function describe(runs: readonly Run[], sha256: Sha256): string {
  const lines: string[] = [];
  let real: Run[] = [];
  const flush = (): void => {
    if (real.length > 0) lines.push(`real ${sizeOf(real)} ${sha256(bytesOf(real))}`);
    real = [];
  };
  for (const run of runs) {
    if (run.kind === REAL) {
      real.push(run);
      continue;
    }
    flush();
    lines.push(run.kind === ZERO ? `zero ${run.size}` : `virtual ${run.id} ${run.from} ${run.size}`);
  }
  flush();
  return `simulated\n${lines.join("\n")}`;
}

/** The digest of a sequence of runs. */
export function digestOfRuns(runs: readonly Run[], sha256: Sha256, memo: DigestMemo): string {
  const hasher = new RunHasher(sha256, memo);
  for (const run of runs) hasher.add(run);
  return hasher.hex();
}
