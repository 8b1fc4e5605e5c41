import { expect, test } from "vitest";
import { findProgram, needs, notOnThisHost } from "./support/needs.ts";
import { memoryGroup } from "./support/oom/group.ts";
import { compiled, HOG_C, HOG_CPP, HOG_PYTHON, HOG_RUST } from "./support/oom/programs.ts";
import { aprRun, expectSoundReport, MIB } from "./support/oom/report.ts";

// Real programs, really out of memory. Each leaves a report that every gate of the contract accepts, judged live.

const LIMIT = 400 * MIB;

test("a Python list that grows under an address-space limit", async (context) => {
  needs(context, "python3", "prlimit");
  const result = await aprRun([], ["prlimit", `--as=${LIMIT}`, "python3", "-c", HOG_PYTHON]);
  expect(result.code).toBe(1);
  const report = await expectSoundReport(result);
  expect(report.cause).toMatchObject({
    killer: "runtime",
    tool: "python",
    limit: "RLIMIT_AS",
    limit_bytes: LIMIT,
  });
  expect(report.cause.process?.command[0]).toMatch(/python3/);
  expect(report.exit_code).toBe(1);
  expect(report.peak_allocated_bytes).toBeGreaterThan(250 * MIB);
  expect(report.peak_allocated_bytes).toBeLessThanOrEqual(LIMIT);
  expect(report.peak_reserved_bytes).toBeGreaterThan(300 * MIB);
  expect(report.largest_alloc_stack.join("\n")).toMatch(/process \d+ python3/);
  expect(report.provenance["tensor_histogram"]).toMatchObject({ kind: "derived" });
  expect(report.curve["resident"]?.length).toBeGreaterThan(2);
});

test("a C program killed by its memory group", async (context) => {
  needs(context, "gcc", "sh");
  const hog = compiled("gcc", HOG_C);
  const group = memoryGroup(context, 100 * MIB);
  const result = await aprRun([], ["sh", "-c", `${group.enter}; exec ${hog}`]);
  expect(result.code).toBe(137);
  const report = await expectSoundReport(result);
  expect(report.cause).toMatchObject({ killer: "cgroup", limit_bytes: 100 * MIB, process: { name: "hog" } });
  expect(report.cause.usage_at_death_bytes).toBeGreaterThan(95 * MIB);
  expect(report.exit_code).toBe(137);
  expect(report.peak_allocated_bytes).toBeGreaterThan(95 * MIB);
});

test("a Node program killed by its memory group", async (context) => {
  needs(context, "sh");
  const group = memoryGroup(context, 150 * MIB);
  const grow = "const all = []; setInterval(() => all.push(Buffer.alloc(4 << 20, 1)), 5)";
  const result = await aprRun([], ["sh", "-c", `${group.enter}; exec "$0" -e '${grow}'`, process.execPath]);
  expect(result.code).toBe(137);
  const report = await expectSoundReport(result);
  expect(report.cause).toMatchObject({ killer: "cgroup", limit_bytes: 150 * MIB });
  expect(report.cause.process?.command[0]).toBe(process.execPath);
});

test("Node's own heap limit", async () => {
  const grow = "const all = []; for (;;) all.push(new Array(1e5).fill({}))";
  const result = await aprRun([], [process.execPath, "--max-old-space-size=48", "-e", grow]);
  expect(result.code).toBe(134);
  const report = await expectSoundReport(result);
  expect(report.cause).toMatchObject({
    killer: "runtime",
    process: { command: [process.execPath, "--max-old-space-size=48", "-e", grow] },
  });
  expect(report.cause.tool).toMatch(/^node/);
  expect(report.cause.usage_at_death_bytes).toBeGreaterThan(40 * MIB);
  expect(report.cause.limit_bytes).toBeGreaterThan(48 * MIB);
  // Node's own report, which it was asked for through its environment, tells the stack and the heap.
  expect(report.provenance["largest_alloc_stack"]?.source).toMatch(/^Node\.js report/);
  expect(report.provenance["peak_allocated_bytes"]?.source).toMatch(/^Node\.js report/);
  expect(report.exit_code).toBe(134);
});

test("C++'s allocator", async (context) => {
  needs(context, "g++", "prlimit");
  const result = await aprRun([], ["prlimit", `--as=${LIMIT}`, compiled("g++", HOG_CPP)]);
  expect(result.code).toBe(134);
  const { cause } = await expectSoundReport(result);
  expect(cause).toMatchObject({
    killer: "allocator",
    tool: "c++",
    limit: "RLIMIT_AS",
    process: { name: "hog" },
  });
});

test("Rust's allocator", async (context) => {
  needs(context, "prlimit");
  if (findProgram("rustc") === undefined) notOnThisHost(context, "rustc");
  const result = await aprRun([], ["prlimit", `--as=${LIMIT}`, compiled("rustc", HOG_RUST)]);
  expect(result.code).toBe(134);
  const { cause } = await expectSoundReport(result);
  expect(cause).toMatchObject({
    killer: "allocator",
    tool: "rust",
    requested_bytes: 16 * MIB,
    process: { name: "hog" },
  });
});

test("a process that a program forks: it is named, and the program's own exit code stays", async (context) => {
  needs(context, "gcc", "sh");
  const hog = compiled("gcc", HOG_C);
  const group = memoryGroup(context, 100 * MIB);
  const script = `sh -c '${group.enter}; exec ${hog}'; echo the hog ended with $? >&2; exit 3`;
  const result = await aprRun([], ["sh", "-c", script]);
  expect({ code: result.code, told: result.stderr.includes("the hog ended with 137") }).toEqual({
    code: 3,
    told: true,
  });
  const report = await expectSoundReport(result);
  expect(report.cause).toMatchObject({ killer: "cgroup", process: { name: "hog", command: [hog] } });
  expect(report.largest_alloc_stack).toHaveLength(2);
  expect(report.largest_alloc_stack[1]).toMatch(/ hog$/);
});

test("one that catches the error and goes on stays a success, unless --strict-exit", async (context) => {
  needs(context, "python3", "prlimit");
  const caught = `import sys, traceback
try:
    bytes(10 ** 12)
except MemoryError:
    traceback.print_exc()
print("went on")`;
  const command = ["prlimit", `--as=${LIMIT}`, "python3", "-c", caught];
  const easy = await aprRun([], command);
  expect(easy).toMatchObject({ code: 0, stdout: "went on\n", path: undefined });
  expect(easy.stderr.match(/^apr: the program met an out-of-memory/gm)).toHaveLength(1);
  expect(easy.document.oom).toMatchObject({ handled: true, report: null });
  const strict = await aprRun(["--strict-exit"], command);
  expect(strict).toMatchObject({ code: 5, stdout: "went on\n", report: { exit_code: 0 } });
  const failed = strict.document.verdicts.filter(({ verdict }) => verdict === "fail");
  expect(failed).toMatchObject([
    { gate: "crux-f-13/invariants", judged: "live", reason: { code: "silent-exit-code" } },
  ]);
});

test("a program that never runs short leaves nothing, whatever its exit code", async (context) => {
  needs(context, "sh");
  for (const code of [0, 1, 137]) {
    const result = await aprRun([], ["sh", "-c", `echo room booked for zoom >&2; exit ${code}`]);
    expect(result).toMatchObject({ code, stderr: "room booked for zoom\n", document: { oom: null } });
  }
});
