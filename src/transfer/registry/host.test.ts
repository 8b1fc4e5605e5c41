import { expect, test } from "vitest";
import { isLoopback } from "../http/loopback.ts";
import { registryOrigin, repositoryFor } from "./host.ts";

test.each([
  ["h.test", false, "https://h.test/"],
  ["h.test:5000", false, "https://h.test:5000/"],
  ["h.test:5000", true, "http://h.test:5000/"],
  ["localhost:5000", false, "http://localhost:5000/"],
  ["127.0.0.1:5000", false, "http://127.0.0.1:5000/"],
  ["127.9.9.9", false, "http://127.9.9.9/"],
  ["[::1]:5000", false, "http://[::1]:5000/"],
  ["[::2]:5000", false, "https://[::2]:5000/"],
  ["localhost.evil.test", false, "https://localhost.evil.test/"],
  ["docker.io", false, "https://registry-1.docker.io/"],
])("%s, plain %s: %s", (host, plain, origin) => {
  expect(registryOrigin(host, plain).href).toBe(origin);
});

test.each(["", "h/x", "u:p@h", "h test", "-h", "h:port", "h:123456", "h?x", "[::1"])(
  "%s is no host",
  (host) => {
    expect(() => registryOrigin(host, false)).toThrow(expect.objectContaining({ kind: "usage" }));
  },
);

test("a repository is names between slashes", () => {
  expect(repositoryFor("docker.io", "alpine")).toBe("library/alpine");
  expect(repositoryFor("h.test", "alpine")).toBe("alpine");
  expect(repositoryFor("h.test", "a/b-c/d_e.f")).toBe("a/b-c/d_e.f");
  for (const bad of ["", "/", "a/", "a//b", "../a", "a/../b", "a b", "a?b", "a%2fb", "a".repeat(300)]) {
    expect(() => repositoryFor("h.test", bad), bad).toThrow(expect.objectContaining({ kind: "usage" }));
  }
});

test("this machine is told from names that look like it", () => {
  expect(["localhost", "127.0.0.1", "[::1]"].every(isLoopback)).toBe(true);
  expect(["localhost.", "127.0.0.1.evil.test", "128.0.0.1", "::1"].some(isLoopback)).toBe(false);
});
