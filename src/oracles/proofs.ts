import type { TransferEvent } from "./events.ts";

// Proof validity. Every digest that the transfer records is the digest of the bytes:
//
//   - Each `proof` is compared with the last `hashed` of its blob; one that was never hashed recomputes to nothing.
//   - A transfer that has published has a proof for each blob that it hashed or exposed.
//   - The manifest that was read back is compared with the last one that was expected before.
//
// A proof may stand before or after the hash that bears it out.

export interface RecordedDigest {
  readonly path: string;
  readonly recorded: string;
  readonly recomputed: string;
}

/** By blob, the digest that was recorded last. */
export function proofsOf(events: readonly TransferEvent[]): ReadonlyMap<string, string> {
  const proofs = new Map<string, string>();
  for (const { kind, data } of events) if (kind === "proof") proofs.set(data.blob, data.digest);
  return proofs;
}

export function recordedDigests(events: readonly TransferEvent[]): readonly RecordedDigest[] {
  const hashed = new Map<string, string>();
  const proven = proofsOf(events);
  const owed = new Set<string>();
  const found: RecordedDigest[] = [];
  let expected = "";
  let published = false;
  for (const { kind, data } of events) {
    if (kind === "hashed") {
      hashed.set(data.blob, data.actual);
      owed.add(data.blob);
    } else if (kind === "exposed" && data.what === "blob") owed.add(data.name);
    else if (kind === "manifest") expected = data.expected;
    else if (kind === "published") {
      published = true;
      found.push({ path: "manifest", recorded: expected, recomputed: data.digest });
    }
  }
  for (const { kind, data } of events) {
    if (kind !== "proof") continue;
    found.push({ path: data.blob, recorded: data.digest, recomputed: hashed.get(data.blob) ?? "" });
  }
  for (const blob of published ? owed : []) {
    if (!proven.has(blob)) found.push({ path: blob, recorded: "", recomputed: hashed.get(blob) ?? "" });
  }
  return found;
}
