import { expect, test } from "vitest";
import { placeOf, withDigest } from "./location.ts";
import { leastPiece, smallerPiece, standingOf } from "./standing.ts";

const HOME = new URL("https://registry.example/v2/lib/model/blobs/uploads/");
const LOCAL = new URL("http://127.0.0.1:5000/v2/lib/model/blobs/uploads/");

test.each([
  ["0-0", 0],
  ["0-1", 2],
  ["bytes=0-99", 100],
  [" 0-4294967295 ", 4_294_967_296],
  [undefined, null],
  ["", null],
  ["5-9", null],
  ["0--1", null],
  ["0-9999999999999999", null],
])("Range %j stands at %j", (range, bytes) => {
  expect(standingOf(range)).toBe(bytes);
});

test.each([
  [undefined, 0],
  ["1048576", 1_048_576],
  ["-1", 0],
  ["1e9", 0],
])("OCI-Chunk-Min-Length %j is %j", (header, bytes) => {
  expect(leastPiece(header)).toBe(bytes);
});

test("a piece that is too large becomes smaller until it cannot", () => {
  expect(smallerPiece(64 << 20, 0)).toBe(16 << 20);
  expect(smallerPiece(64 << 20, 20 << 20)).toBe(20 << 20);
  expect(smallerPiece(20 << 20, 20 << 20)).toBe(null);
  expect(smallerPiece(64 << 10, 0)).toBe(null);
});

test.each([
  ["/v2/lib/model/blobs/uploads/1?_state=a%2Bb~c", HOME, true],
  ["../uploads/1", HOME, true],
  ["https://registry.example/x", HOME, true],
  ["https://storage.example/x?signature=s", HOME, false],
  ["http://127.0.0.1:6000/x", LOCAL, false],
  ["http://localhost:5000/x", LOCAL, false],
])("the place %s is taken; with credentials: %j", (location, home, credentials) => {
  expect(placeOf(location, home, home)).toEqual({ url: new URL(location, home), credentials });
});

test.each([
  [undefined, HOME],
  ["", HOME],
  ["http://registry.example/x", HOME],
  ["http://storage.example/x", LOCAL],
  ["http://127.0.0.1:5000/x", HOME],
  ["https://me:secret@registry.example/x", HOME],
  ["ftp://registry.example/x", HOME],
  ["https://", HOME],
  [`/${"x".repeat(9000)}`, HOME],
])("the place %s is refused", (location, home) => {
  expect(() => placeOf(location, home, home)).toThrow(
    expect.objectContaining({ kind: "network", fields: { code: "unsafe-location", host: home.host } }),
  );
});

test("a refused place is not repeated: it may hold a secret", () => {
  expect(() => placeOf("http://me:secret@x.example/?_state=token", HOME, HOME)).toThrow(
    /^(?!.*(secret|token))/,
  );
});

test("the digest is added to a query that stays as it is", () => {
  const place = placeOf("/u/1?_state=a%2Bb~c", HOME, HOME);
  expect(withDigest(place, "sha256:ab").search).toBe("?_state=a%2Bb~c&digest=sha256%3Aab");
  expect(withDigest(placeOf("/u/1", HOME, HOME), "sha256:ab").search).toBe("?digest=sha256%3Aab");
});
