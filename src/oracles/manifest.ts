import type { TransferEvent } from "./events.ts";

// Manifest integrity. What is under the final name is what it should be:
//
//   - A `manifest` whose two digests differ is a violation wherever it stands, also when the transfer failed later.
//   - The last `manifest` before a `published` says what is expected: a transfer of files without a manifest makes
//     one of its own at the end. A `published` with no `manifest` before it was expected by nobody.
//   - What was `exposed` as manifest is what the last `manifest` expects.
//   - Without a `published` nothing was read back: both hashes stay empty, which APR-ATP-VACUOUS never lets pass.

export interface ManifestHashes {
  readonly manifest_hash: string;
  readonly expected_manifest_hash: string;
}

const NONE: ManifestHashes = { manifest_hash: "", expected_manifest_hash: "" };

/** The hashes to be judged: the first pair that differs, else those of the last publication. */
export function manifestHashes(events: readonly TransferEvent[]): ManifestHashes {
  let expected: string | null = null;
  let published: ManifestHashes = NONE;
  let mismatch: ManifestHashes | null = null;
  const exposed = new Set<string>();
  const compare = (meant: string, actual: string): ManifestHashes => {
    const pair = { manifest_hash: actual, expected_manifest_hash: meant };
    if (actual !== meant) mismatch ??= pair;
    return pair;
  };
  for (const { kind, data } of events) {
    if (kind === "manifest") {
      expected = data.expected;
      compare(expected, data.actual);
    } else if (kind === "exposed" && data.what === "manifest") exposed.add(data.digest);
    else if (kind === "published") published = compare(expected ?? "", data.digest);
  }
  if (expected !== null) for (const digest of exposed) compare(expected, digest);
  return mismatch ?? published;
}
