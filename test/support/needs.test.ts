import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { needs, PACKAGE_OF } from "./needs.ts";
import { tempDir } from "./temp.ts";

const context = {
  skip: (note?: boolean | string): never => {
    throw new Error(`skipped: ${String(note)}`);
  },
};

afterEach(() => {
  vi.unstubAllEnvs();
});

test("every package that a program comes from is installed by .ci/run", () => {
  const listed = new Set(readFileSync("test/support/packages.txt", "utf8").split("\n"));
  expect(Object.values(PACKAGE_OF).filter((name) => !listed.has(name))).toEqual([]);
});

test("a test whose program is missing is not run, and says what to install", () => {
  vi.stubEnv("PATH", tempDir());
  vi.stubEnv("APR_REQUIRE_ALL", "");
  expect(() => needs(context, "strace", "7zz", "prlimit", "unshare")).toThrow(
    "skipped: not run: needs strace, 7zz, prlimit, unshare (apt-get install strace 7zip util-linux)",
  );
});

test("with APR_REQUIRE_ALL=1 it fails instead", () => {
  vi.stubEnv("PATH", tempDir());
  vi.stubEnv("APR_REQUIRE_ALL", "1");
  expect(() => needs(context, "strace")).toThrow("needs strace: apt-get install strace");
});

test("nothing happens when the programs are there", () => {
  needs(context, "sh");
});
