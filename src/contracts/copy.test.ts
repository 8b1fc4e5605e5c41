import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import {
  type CopyPlan,
  dstBlobShasMatchSrc,
  type ManifestView,
  planBlobOpCount,
  planCopy,
  planHasNoByteCopy,
  planManifestWriteCount,
} from "./copy-plan.ts";
import { judgeGate } from "./judge.ts";
import { findGate } from "./registry.ts";

const qwen: ManifestView = {
  tag: "qwen2.5-0.5b:latest",
  blob_shas: ["a", "b", "c"].map((digit) => digit.repeat(64)),
};
const llama: ManifestView = { tag: "llama3:latest", blob_shas: ["d".repeat(64)] };
const empty: ManifestView = { tag: "empty:latest", blob_shas: [] };
const registry = [qwen, llama, empty];

function planOf(src: string, dst: string): CopyPlan {
  const outcome = planCopy(registry, src, dst);
  if (outcome.kind === "error") throw new Error(outcome.error.code);
  return outcome.plan;
}

describe("planCopy", () => {
  test.each([qwen, llama])("a copy of $tag names its blobs and copies no byte", (source) => {
    const plan = planOf(source.tag, "fresh:copy");
    expect(plan.dst).toEqual({ tag: "fresh:copy", blob_shas: source.blob_shas });
    expect(dstBlobShasMatchSrc(source, plan.dst)).toBe(true);
    expect(planHasNoByteCopy(plan)).toBe(true);
    expect(planBlobOpCount(plan)).toBe(source.blob_shas.length);
    expect(planManifestWriteCount(plan)).toBe(1);
    expect(plan.ops).toEqual([
      ...source.blob_shas.map((sha) => ({ op: "hard-link", sha })),
      { op: "write-manifest", tag: "fresh:copy" },
    ]);
  });

  test("the same input gives the same plan, byte for byte", () => {
    expect(JSON.stringify(planOf(qwen.tag, "a:b"))).toBe(JSON.stringify(planOf(qwen.tag, "a:b")));
  });

  test.each<[string, string, string, string]>([
    ["", "x:y", "invalid-tag", ""],
    [qwen.tag, "", "invalid-tag", ""],
    [qwen.tag, "../evil", "invalid-tag", "../evil"],
    [qwen.tag, "a\\b", "invalid-tag", "a\\b"],
    [qwen.tag, "bad\0tag", "invalid-tag", "bad\0tag"],
    ["a/b", "also/bad", "invalid-tag", "a/b"],
    ["nowhere:latest", llama.tag, "source-not-found", "nowhere:latest"],
    [qwen.tag, llama.tag, "destination-exists", llama.tag],
    [qwen.tag, qwen.tag, "destination-exists", qwen.tag],
    [empty.tag, llama.tag, "destination-exists", llama.tag],
    [empty.tag, "empty:copy", "empty-manifest", empty.tag],
  ])("%j to %j is refused: %s", (src, dst, code, tag) => {
    expect(planCopy(registry, src, dst)).toEqual({ kind: "error", error: { code, tag } });
  });

  test("the predicates see a bad plan", () => {
    const bad = { dst: llama, ops: [{ op: "copy-bytes", sha: "d" }] } as unknown as CopyPlan;
    expect([planHasNoByteCopy(bad), planBlobOpCount(bad), planManifestWriteCount(bad)]).toEqual([
      false,
      0,
      0,
    ]);
    expect(dstBlobShasMatchSrc(qwen, { tag: "x", blob_shas: qwen.blob_shas.toReversed() })).toBe(false);
    expect(dstBlobShasMatchSrc(qwen, { tag: "x", blob_shas: qwen.blob_shas.slice(1) })).toBe(false);
  });
});

const digests = Array.from({ length: 25 }, (_, index) => `${index}`);

test.each<[string, Json, Json]>([
  ["GROWTH", { bytes_before: 10, bytes_after: 4106 }, null],
  ["GROWTH", { bytes_before: 10, bytes_after: 3 }, null],
  ["GROWTH", { bytes_before: 10, bytes_after: 4107 }, { code: "grew", growth_bytes: 4097, cap_bytes: 4096 }],
  [
    "GROWTH",
    { bytes_before: 0, bytes_after: 2n ** 64n - 1n },
    { code: "grew", growth_bytes: 2n ** 64n - 1n, cap_bytes: 4096 },
  ],
  ["INODE", { pairs: [{ digest: "a", source_inode: 1, copy_inode: 1 }] }, null],
  [
    "INODE",
    { pairs: [{ digest: "a", source_inode: 1, copy_inode: 2 }] },
    { code: "inode-differs", digest: "a" },
  ],
  ["INODE", { pairs: [] }, { code: "no-blobs" }],
  ["INODE", { pairs: [{ digest: "a" }] }, { code: "missing-evidence", field: "pairs[0].source_inode" }],
  ["LISTED", { listed: ["a", "b"], source: "a", copy: "b" }, null],
  ["LISTED", { listed: ["a"], source: "a", copy: "b" }, { code: "not-listed", tag: "b" }],
  ["SOURCE-SURVIVES", { readable: true, digest_matches: true }, null],
  ["SOURCE-SURVIVES", { readable: false, digest_matches: false }, { code: "source-unreadable" }],
  ["SOURCE-SURVIVES", { readable: true, digest_matches: false }, { code: "source-changed" }],
  ["NO-DANGLING", { dangling: [], kills: 9 }, null],
  ["NO-DANGLING", { dangling: [], kills: 0 }, { code: "not-killed" }],
  ["NO-DANGLING", { dangling: digests, kills: 9 }, { code: "dangling", digests: digests.slice(0, 20) }],
])("APR-A-11-%s, case %#", (name, evidence, reason) => {
  const gate = findGate(`crux-a-11/APR-A-11-${name}`);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  expect(judgeGate(gate, evidence, "live").reason).toEqual(reason);
});

describe("APR-A-11-TAG", () => {
  const gate = findGate("APR-A-11-TAG");
  const reasonFor = (tag: string): Json =>
    gate === undefined ? "no gate" : judgeGate(gate, { tag }, "captured").reason;
  test.each(["a", "qwen2.5-0.5b:latest", "0:0", "A_b-c.d:x", `${"a".repeat(80)}:${"b".repeat(80)}`])(
    "%s",
    (tag) => {
      expect(reasonFor(tag)).toBeNull();
    },
  );
  test.each([
    "",
    ":",
    "a:",
    ":a",
    "a:b:c",
    ".",
    "..",
    "a:..",
    "-a",
    "_a",
    "a b",
    "é",
    "a\n",
    "a/b",
    "a".repeat(81),
  ])("%j is refused", (tag) => {
    expect(reasonFor(tag)).toEqual({ code: "invalid-tag", tag });
  });
});
