import { intOf, readU64, sameInt } from "../base/ints.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import { isStrictTag } from "./tag-grammar.ts";
import type { Gate } from "./types.ts";

/** A copy may add a manifest and nothing else: 4 KiB is room for that. */
const MAX_GROWTH_BYTES = 4096;

/** A reason names at most this many digests, so that a report stays readable. */
const MAX_DIGESTS_SHOWN = 20;

const gate = gatesOf("crux-a-11");

const growth: Gate = gate({
  name: "APR-A-11-GROWTH",
  origin: "strict",
  rule: "A copy makes the store's regular files grow by at most 4096 bytes.",
  fields: {
    bytes_before: { kind: "u64", about: "Bytes in the store's regular files before the copy." },
    bytes_after: { kind: "u64", about: "The same after the copy." },
  },
  codes: ["grew"],
  judge: (evidence) => {
    const [before, after] = [readU64(evidence.bytes_before), readU64(evidence.bytes_after)];
    const grown = BigInt(after) - BigInt(before);
    return grown <= MAX_GROWTH_BYTES
      ? pass()
      : fail("grew", { growth_bytes: intOf(grown), cap_bytes: MAX_GROWTH_BYTES });
  },
});

const inode: Gate = gate({
  name: "APR-A-11-INODE",
  origin: "strict",
  rule: "Every blob is the same inode through both tags.",
  fields: {
    pairs: {
      kind: "objects",
      about: "One entry a blob.",
      fields: {
        digest: { kind: "string", about: "The blob's digest." },
        source_inode: { kind: "u64", about: "Its inode through the source tag." },
        copy_inode: { kind: "u64", about: "Its inode through the copy." },
      },
    },
  },
  codes: ["inode-differs", "no-blobs"],
  judge: ({ pairs }) => {
    if (pairs.length === 0) return inconclusive("no-blobs");
    const odd = pairs.find((pair) => !sameInt(readU64(pair.source_inode), readU64(pair.copy_inode)));
    return odd === undefined ? pass() : fail("inode-differs", { digest: odd.digest });
  },
});

const listed: Gate = gate({
  name: "APR-A-11-LISTED",
  origin: "strict",
  rule: "Both tags are listed after the copy.",
  fields: {
    listed: { kind: "strings", about: "Every tag that the store lists." },
    source: { kind: "string", about: "The tag that was copied." },
    copy: { kind: "string", about: "The new tag." },
  },
  codes: ["not-listed"],
  judge: ({ listed: tags, source, copy }) => {
    const missing = [source, copy].find((tag) => !tags.includes(tag));
    return missing === undefined ? pass() : fail("not-listed", { tag: missing });
  },
});

const sourceSurvives: Gate = gate({
  name: "APR-A-11-SOURCE-SURVIVES",
  origin: "strict",
  rule: "After the copy is removed, the source still reads with its digest.",
  fields: {
    readable: { kind: "boolean", about: "The source could be read to its end." },
    digest_matches: { kind: "boolean", about: "Its bytes have the digest of its manifest." },
  },
  codes: ["source-unreadable", "source-changed"],
  judge: ({ readable, digest_matches: matches }) => {
    if (!readable) return fail("source-unreadable");
    return matches ? pass() : fail("source-changed");
  },
});

const noDangling: Gate = gate({
  name: "APR-A-11-NO-DANGLING",
  origin: "strict",
  rule: "A copy killed at any point never leaves a manifest that names a missing blob.",
  fields: {
    dangling: { kind: "strings", about: "Digests that a manifest names and the store has not." },
    kills: { kind: "u64", about: "How many runs were killed." },
  },
  codes: ["dangling", "not-killed"],
  judge: ({ dangling, kills }) => {
    if (dangling.length > 0) return fail("dangling", { digests: dangling.slice(0, MAX_DIGESTS_SHOWN) });
    return sameInt(readU64(kills), 0) ? inconclusive("not-killed") : pass();
  },
});

const tag: Gate = gate({
  name: "APR-A-11-TAG",
  origin: "strict",
  rule: "A tag is `name` or `name:tag`, each 1 to 80 letters, digits, `.`, `_`, `-`, a letter or digit first.",
  fields: { tag: { kind: "string", about: "The tag." } },
  codes: ["invalid-tag"],
  judge: (evidence) => (isStrictTag(evidence.tag) ? pass() : fail("invalid-tag", { tag: evidence.tag })),
});

export const copyStrictGates: readonly Gate[] = [growth, inode, listed, sourceSurvives, noDangling, tag];
