import { expect, test } from "vitest";
import type { PartDigests } from "../../world/hash.ts";
import { MAX_PARTS, readParts } from "./parts.ts";

const hex = "ab".repeat(32);

function read(value: unknown, sizeBytes: number | null = 150): PartDigests | null {
  return readParts(new TextEncoder().encode(JSON.stringify(value)), sizeBytes);
}

test("reads digests that fit the blob", () => {
  const good = { part_bytes: 100, sha256: [hex, hex] };
  expect(read(good)).toEqual({ partBytes: 100, hex: [hex, hex] });
  expect(read(good, 101)).not.toBeNull();
  expect(read(good, 200)).not.toBeNull();
  expect(read(good, null)).not.toBeNull();
  expect(read(good, 100)).toBeNull();
  expect(read(good, 201)).toBeNull();
});

test.each<[string, unknown]>([
  ["an upper-case digest", { part_bytes: 100, sha256: [hex, hex.toUpperCase()] }],
  ["a short digest", { part_bytes: 100, sha256: [hex, hex.slice(1)] }],
  ["a number", { part_bytes: 100, sha256: [hex, 5] }],
  ["no list", { part_bytes: 100, sha256: hex }],
  ["an empty list", { part_bytes: 100, sha256: [] }],
  ["parts of nothing", { part_bytes: 0, sha256: [hex, hex] }],
  ["parts of less", { part_bytes: -100, sha256: [hex, hex] }],
  ["broken parts", { part_bytes: 100.5, sha256: [hex, hex] }],
  ["a size as text", { part_bytes: "100", sha256: [hex, hex] }],
  ["too many", { part_bytes: 1, sha256: Array.from({ length: MAX_PARTS + 1 }, () => hex) }],
  ["a list", []],
  ["null", null],
])("refuses %s", (_name, value) => {
  expect(read(value, null)).toBeNull();
});

test("refuses what is no JSON", () => {
  expect(readParts(new TextEncoder().encode("{"), null)).toBeNull();
  expect(readParts(new Uint8Array([0xff, 0xfe]), null)).toBeNull();
});
