import { expect, test } from "vitest";
import { nodeHash } from "../../world/node/hash.ts";
import { isLoopback, isOwnHost, showsToken } from "./access.ts";
import { configOf } from "./options.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test.each([
  ["Bearer right", true],
  ["bearer right", true],
  [basic("anybody:right"), true],
  [basic(":right"), true],
  [undefined, false],
  ["", false],
  ["Bearer wrong", false],
  ["Bearer righ", false],
  ["Bearer right2", false],
  ["Bearer", false],
  [basic("right"), false],
  [basic("right:"), false],
  [basic("a:b:right"), false],
  ["Digest right", false],
  [`Bearer ${"x".repeat(10_000)}`, false],
])("authorization %s", (authorization, expected) => {
  const headers = authorization === undefined ? {} : { authorization };
  expect(showsToken(nodeHash, headers, ["other", "right"])).toBe(expected);
  expect(showsToken(nodeHash, headers, [])).toBe(false);
});

test.each([
  ["127.0.0.1:5000", true],
  ["[::1]:5000", true],
  ["localhost", true],
  ["LOCALHOST:80", true],
  ["models.lan:5000", true],
  ["evil.example:5000", false],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example", false],
  ["127.0.0.1:5000@evil", false],
  ["", false],
  [undefined, false],
])("Host %s", (header, expected) => {
  expect(isOwnHost(header, ["Models.lan"])).toBe(expected);
});

test("a token needs TLS anywhere but on loopback", () => {
  const tls = { certificate: new Uint8Array(1), key: new Uint8Array(1) };
  for (const secret of [{ write: { token: "secret" } }, { readToken: "secret" }]) {
    expect(() => configOf({ host: "0.0.0.0", ...secret })).toThrow("in the open");
    expect(() => configOf({ host: "192.168.1.2", ...secret })).toThrow("in the open");
    expect(configOf({ host: "0.0.0.0", tls, ...secret }).loopback).toBe(false);
    expect(configOf({ host: "localhost", ...secret })).toMatchObject({ host: "127.0.0.1", loopback: true });
  }
  for (const token of ["", "a b", "ä", "x".repeat(1025)]) {
    expect(() => configOf({ write: { token } })).toThrow("the token is");
  }
  expect(["127.0.0.1", "127.9.9.9", "::1"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "127.0.0.1.evil", "10.0.0.1"].some(isLoopback)).toBe(false);
});
