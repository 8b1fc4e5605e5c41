import { expect, test } from "vitest";
import type { NetHead } from "../../world/net.ts";
import { rangeAnswer, type RangeVerdict, wholeAnswer } from "./answer.ts";
import { sameVersion } from "./version.ts";

const wanted = { firstByte: 100, lastByte: 199, sizeBytes: 1000 };
const ETAG = 'etag "a" 1000';

function head(status: number, headers: Readonly<Record<string, string>> = {}): NetHead {
  return { status, headers };
}

const right = { "content-range": "bytes 100-199/1000", "content-length": "100", etag: '"a"' };

type Row = readonly [name: string, NetHead, version: string | null, Partial<Record<string, unknown>>];

const ROWS: readonly Row[] = [
  ["the right part", head(206, right), null, { kind: "take", version: ETAG }],
  ["the same version", head(206, right), ETAG, { kind: "take" }],
  [
    "no length told",
    head(206, { "content-range": right["content-range"] }),
    null,
    { kind: "take", version: "size 1000" },
  ],
  ["another tag", head(206, { ...right, etag: '"b"' }), ETAG, { kind: "changed" }],
  ["a weak tag is another one", head(206, { ...right, etag: 'W/"a"' }), ETAG, { kind: "changed" }],
  ["no tag any more", head(206, { ...right, etag: "" }), ETAG, { kind: "changed" }],
  [
    "another whole, before any",
    head(206, { ...right, "content-range": "bytes 100-199/999" }),
    null,
    { kind: "failed", code: "size", retry: "never" },
  ],
  [
    "another whole than before",
    head(206, { ...right, "content-range": "bytes 100-199/999" }),
    ETAG,
    { kind: "changed" },
  ],
  ["an unknown whole", head(206, { ...right, "content-range": "bytes 100-199/*" }), ETAG, { kind: "take" }],
  [
    "another part",
    head(206, { ...right, "content-range": "bytes 101-200/1000" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  [
    "a shorter part",
    head(206, { ...right, "content-range": "bytes 100-198/1000" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  [
    "a longer part",
    head(206, { ...right, "content-range": "bytes 100-200/1000" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  [
    "a length that does not fit",
    head(206, { ...right, "content-length": "99" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  [
    "a length that is none",
    head(206, { ...right, "content-length": "100, 100" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  ["no range told", head(206, { "content-length": "100" }), null, { kind: "failed", code: "protocol" }],
  [
    "several parts",
    head(206, { ...right, "content-type": "multipart/byteranges; boundary=x" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  [
    "compressed",
    head(206, { ...right, "content-encoding": "gzip" }),
    null,
    { kind: "failed", code: "protocol" },
  ],
  ["everything", head(200, { "content-length": "1000" }), null, { kind: "no-ranges" }],
  ["everything, of another length", head(200, { "content-length": "900" }), "size 1000", { kind: "changed" }],
  [
    "beyond its end, before any",
    head(416, { "content-range": "bytes */150" }),
    null,
    { kind: "failed", code: "size", retry: "never" },
  ],
  ["beyond its end now", head(416, { "content-range": "bytes */150" }), ETAG, { kind: "changed" }],
  ["416 without reason", head(416), ETAG, { kind: "failed", code: "protocol" }],
  [
    "416 to what it has",
    head(416, { "content-range": "bytes */1000" }),
    ETAG,
    { kind: "failed", code: "protocol" },
  ],
  ["busy", head(503), ETAG, { kind: "status" }],
  ["another success", head(204), ETAG, { kind: "failed", code: "protocol" }],
];

test.each(ROWS)("a range answered with %s", (_name, answer, version, verdict) => {
  expect(rangeAnswer(answer, wanted, version)).toMatchObject(verdict);
});

test("everything will do where the chunk is all there is", () => {
  const all = { firstByte: 0, lastByte: 999, sizeBytes: 1000 };
  const verdict = (lengthText: string | undefined, sizeBytes: number | null): RangeVerdict["kind"] =>
    rangeAnswer(
      head(200, lengthText === undefined ? {} : { "content-length": lengthText }),
      { ...all, sizeBytes },
      null,
    ).kind;
  expect(verdict("1000", 1000)).toBe("take");
  expect(verdict("1000", null)).toBe("take");
  expect(verdict("1000", 2000)).toBe("no-ranges");
  expect(verdict("1001", 1000)).toBe("no-ranges");
  expect(verdict(undefined, 1000)).toBe("no-ranges");
});

test("a whole body is taken when its length is right or untold", () => {
  const ask = (headers: Readonly<Record<string, string>>, status = 200, version: string | null = null) =>
    wholeAnswer(head(status, headers), 1000, 1000, version);
  expect(ask({ "content-length": "1000" })).toMatchObject({ kind: "take", version: "size 1000" });
  expect(ask({ etag: "x" })).toMatchObject({ kind: "take", version: "etag x ?" });
  expect(ask({ "content-length": "999" })).toMatchObject({ kind: "failed", code: "size", retry: "never" });
  expect(ask({ "content-length": "1000", etag: '"b"' }, 200, ETAG)).toMatchObject({ kind: "changed" });
  expect(ask({ "content-encoding": "br" })).toMatchObject({ kind: "failed", code: "protocol" });
  expect(ask({}, 206)).toMatchObject({ kind: "failed", code: "protocol" });
  expect(ask({}, 404)).toMatchObject({ kind: "status" });
  expect(wholeAnswer(head(200, { "content-length": "1001" }), null, 1000, null)).toMatchObject({
    code: "too-large",
  });
});

test("a size that was not told differs from none", () => {
  expect(sameVersion("etag x 5", "etag x ?")).toBe(true);
  expect(sameVersion("etag x 5", "etag x 6")).toBe(false);
  expect(sameVersion("etag x 5", "modified x 5")).toBe(false);
});
