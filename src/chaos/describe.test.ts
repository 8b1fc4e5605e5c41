import { expect, test } from "vitest";
import { ABSENT, type ContentState } from "../observe/content.ts";
import type { Attempt } from "./attempt.ts";
import { describe } from "./describe.ts";
import type { Lab } from "./lab.ts";

const MIB = 1024 * 1024;
const file = (sha256: string, size_bytes: number, inode = 1n): ContentState => ({
  kind: "file",
  sha256,
  size_bytes,
  inode,
  mode: 0o644,
});
const whole = file("aa", 4 * MIB);
const bindings = { model: "/s/model/m", out: "/s/out/out", tmp: "/s/tmp", force: "" };

/** The parts of a lab and of an attempt that the words are made from. */
const lab = (strays: readonly string[] = []): Lab =>
  ({
    baseline: { output: whole },
    newStrays: () => strays,
    slot: { bindings: () => bindings },
  }) as unknown as Lab;
const run = {
  exitCode: 1,
  signal: null,
  timedOut: false,
  durationMs: 10_000,
  stderr: { text: "" },
  orphans: [],
};
const attempt = (output: ContentState | null, over: object): Attempt =>
  ({ output, state: [], run: { ...run, ...over } }) as unknown as Attempt;
const said = (text: string): object => ({ stderr: { text } });

test.each<[Attempt, ContentState, string]>([
  [
    attempt(ABSENT, said("a\ncp: error writing '/s/out/out': full\nbye\n")),
    ABSENT,
    `exit 1, "cp: error writing '{out}': full", left no output`,
  ],
  [attempt(file("bb", MIB), {}), ABSENT, "exit 1, no message, left a partial file of 1 MiB"],
  [attempt(file("bb", MIB), { exitCode: 0 }), ABSENT, "exit 0, wrote 1 MiB where a clean run writes 4 MiB"],
  [attempt(ABSENT, { exitCode: 0 }), ABSENT, "exit 0, wrote no output"],
  [attempt(whole, { exitCode: 130, signal: 2 }), ABSENT, "ended by SIGINT (130), left the whole output"],
  [
    attempt(ABSENT, { exitCode: null, timedOut: true }),
    ABSENT,
    "still running after 10 s, killed, no message, left no output",
  ],
  [attempt(whole, {}), whole, "exit 1, no message, kept the existing file"],
  [attempt(file("aa", 4 * MIB, 2n), {}), whole, "exit 1, no message, replaced the existing file"],
  [attempt(ABSENT, {}), whole, "exit 1, no message, removed the existing file"],
  [attempt(null, { orphans: [{ pid: 1, name: "sleep" }] }), ABSENT, "exit 1, no message, left sleep running"],
])("%#", (done, before, words) => {
  expect(describe(lab(), done, before)).toBe(words);
});

test("stray paths are counted, the first one named", () => {
  expect(describe(lab(["tmp/a"]), attempt(null, {}))).toBe("exit 1, no message, left tmp/a");
  expect(describe(lab(["tmp/a", "tmp/b"]), attempt(null, {}))).toContain("left 2 stray paths: tmp/a");
});

test("a long message is cut", () => {
  expect(describe(lab(), attempt(null, said("x".repeat(500))))).toBe(`exit 1, "${"x".repeat(120)}…"`);
});
