import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Hash } from "../../world/hash.ts";
import { decodeRecord, encodeRecord, type JournalRecord, NO_RECORD } from "./record.ts";

const hash: Pick<Hash, "sha256"> = {
  sha256() {
    const hasher = createHash("sha256");
    return { update: (data) => void hasher.update(data), hex: () => hasher.digest("hex") };
  },
};

const KEY = `sha256-${"0f".repeat(32)}`;

test.each<JournalRecord>([
  { kind: "chunk", key: KEY, index: 0, source: "a.example/m.gguf" },
  { kind: "chunk", key: KEY, index: 1_048_575, source: 'names "with" \\ and\n\u0001 é 𝄞 in them' },
  { kind: "bad", key: KEY, index: 3, source: "b" },
  { kind: "sync", upto: 9 },
])("a record of kind $kind is one line of JSON that reads back", (record) => {
  const prev = "ab".repeat(32);
  const { line, hash: own } = encodeRecord(hash as Hash, 7, prev, record);
  const body = JSON.stringify({ n: 7, prev, ...record });
  expect(line).toBe(`${body.slice(0, -1)},"hash":"${own}"}`);
  expect(own).toBe(createHash("sha256").update(body).digest("hex"));
  expect(decodeRecord(hash as Hash, line, 7, prev)).toEqual({ record, hash: own });
  expect(decodeRecord(hash as Hash, line, 7, NO_RECORD)).toBeNull();
});
