import type { TransferEvent } from "./events.ts";
import { proofsOf } from "./proofs.ts";

// Final exposure. Nothing is visible under its final name before it is verified:
//
//   - A blob is verified by a `hashed` whose `actual` is what was expected; where nobody told a digest, what its
//     `proof` says. A name that is itself a digest is verified by that digest alone. A later `hashed` with another
//     outcome, and any `repair` or `path_done` of one of its chunks (`<blob>#<number>`), end that.
//   - A blob may be exposed while it is verified, with the digest that was found.
//   - A manifest may be exposed, or read back at the other side, while every blob that a `proof` names is verified
//     with the proof's digest. No blob gets its name after it: it would have been visible before what it names.

/** Stands for a manifest that was published and never exposed by name. */
const MANIFEST = "manifest";

/** Names that were visible too early, each once, in the order of the trace. */
export function exposedUnverified(events: readonly TransferEvent[]): readonly string[] {
  const proofs = proofsOf(events);
  const verified = new Verified(proofs);
  const early = new Set<string>();
  let manifest: string | null = null;
  for (const { kind, data } of events) {
    if (kind === "hashed") {
      const meant = data.expected ?? proofs.get(data.blob);
      if (data.actual === meant && fitsName(data.blob, data.actual)) verified.add(data.blob, data.actual);
      else verified.remove(data.blob);
    } else if (kind === "path_done" || kind === "repair") {
      const end = data.chunk.lastIndexOf("#");
      if (end !== -1) verified.remove(data.chunk.slice(0, end));
    } else if (kind === "published") {
      if (manifest === null && !verified.complete) early.add(MANIFEST);
    } else if (kind === "exposed" && data.what === "manifest") {
      manifest = data.name;
      if (!verified.complete) early.add(data.name);
    } else if (kind === "exposed") {
      if (verified.digestOf(data.name) !== data.digest) early.add(data.name);
      if (manifest !== null) early.add(manifest);
    }
  }
  return [...early];
}

/** Blobs that are verified now, and whether all those are that a proof names. */
class Verified {
  readonly #proofs: ReadonlyMap<string, string>;
  readonly #digests = new Map<string, string>();
  #missing: number;

  constructor(proofs: ReadonlyMap<string, string>) {
    this.#proofs = proofs;
    this.#missing = proofs.size;
  }

  get complete(): boolean {
    return this.#missing === 0;
  }

  digestOf(blob: string): string | undefined {
    return this.#digests.get(blob);
  }

  add(blob: string, digest: string): void {
    this.remove(blob);
    this.#digests.set(blob, digest);
    if (this.#proofs.get(blob) === digest) this.#missing -= 1;
  }

  remove(blob: string): void {
    const digest = this.#digests.get(blob);
    if (digest === undefined) return;
    this.#digests.delete(blob);
    if (this.#proofs.get(blob) === digest) this.#missing += 1;
  }
}

const DIGEST_NAME = /^sha256[:-]([0-9a-f]{64})$/;

function fitsName(blob: string, digest: string): boolean {
  const [, hex] = DIGEST_NAME.exec(blob) ?? [];
  return hex === undefined || digest === `sha256:${hex}`;
}
