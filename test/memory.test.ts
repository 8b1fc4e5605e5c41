// How true the measured peaks are, against GNU time on the same program and against what is known.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { largestPeak } from "../src/chaos/faults/memory-budget.ts";
import { observeRun, type RunObservation } from "../src/observe/run.ts";
import { nodeWorld } from "../src/world/node/world.ts";
import { findProgram, needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const MIB = 1024 * 1024;
/** Holds 300 MiB for 50 ms. */
const HOG = "import time\nheld = bytearray(300 << 20)\ntime.sleep(0.05)";

let ballast: Buffer | undefined;
let marks = 0;

beforeAll(async () => {
  // A large parent: its own size must not show in any child's figure.
  ballast = Buffer.alloc(500 * MIB, 1);
  await nodeWorld.processes.adoptOrphans();
});
afterAll(() => {
  expect(ballast?.length).toBe(500 * MIB);
});

interface Options {
  readonly gnuTime: boolean;
}

async function observe(
  command: readonly [string, ...string[]],
  { gnuTime }: Options,
): Promise<RunObservation> {
  const file = join(tempDir(), "time");
  const program = findProgram("time") ?? "";
  marks += 1;
  return observeRun(
    nodeWorld,
    {
      prefix: [],
      command,
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
      timeoutMs: 30_000,
      captureBytes: 4096,
      sampleMemory: true,
      ...(gnuTime ? { gnuTime: { program, file, readFrom: file } } : {}),
    },
    `memory-test-${process.pid}-${marks}`,
  );
}

/** GNU time alone on the hog: the reference. Bytes. */
function reference(context: TestContext): number {
  needs(context, "python3", "time");
  const file = join(tempDir(), "reference");
  execFileSync("time", ["-f", "%M", "-o", file, "python3", "-c", HOG]);
  return Number(readFileSync(file, "utf8")) * 1024;
}

function expectWithin(part: number, actual: number | undefined, known: number): void {
  expect(actual).toBeDefined();
  expect(Math.abs((actual ?? 0) / known - 1), `${actual} against ${known}`).toBeLessThanOrEqual(part);
}

const SHAPES: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: "a single process", command: ["python3", "-c", HOG] },
  {
    name: "a grandchild",
    command: ["sh", "-c", 'sh -c "python3 -c \\"\\$1\\"; true" sh "$1"; true', "sh", HOG],
  },
  { name: "an orphan", command: ["sh", "-c", '(setsid python3 -c "$1" &); sleep 1.5', "sh", HOG] },
];

describe("peak of the largest process, under a parent of 500 MiB", () => {
  for (const { name, command } of SHAPES) {
    it(`is within 1 % of GNU time: ${name}`, async (context) => {
      const known = reference(context);
      const run = await observe(command, { gnuTime: true });
      expect(run.exitCode).toBe(0);
      expectWithin(0.01, largestPeak(run)?.bytes, known);
    });

    it(`is within 1 % by sampling alone: ${name}`, async (context) => {
      const known = reference(context);
      const run = await observe(command, { gnuTime: false });
      expect(largestPeak(run)?.method).toBe("vm-hwm");
      expectWithin(0.01, largestPeak(run)?.bytes, known);
    });
  }

  it("shows a small program as small", async (context) => {
    needs(context, "time");
    const run = await observe(["/bin/true"], { gnuTime: true });
    expect(largestPeak(run)?.bytes).toBeLessThan(8 * MIB);
  });
});

describe("peak of the whole tree", () => {
  const child = "import time\nheld = bytearray(150 << 20)\ntime.sleep(0.3)";
  const empty = "import time\ntime.sleep(0.3)";

  it("adds two children that run at once, within 5 %", async (context) => {
    needs(context, "python3");
    const both = 'python3 -c "$1" & python3 -c "$1" & wait';
    const held = await observe(["sh", "-c", both, "sh", child], { gnuTime: false });
    const bare = await observe(["sh", "-c", both, "sh", empty], { gnuTime: false });
    expectWithin(0.05, (held.memory?.treeBytes ?? 0) - (bare.memory?.treeBytes ?? 0), 300 * MIB);
  });

  it("counts memory that forks share once, within 5 %", async (context) => {
    needs(context, "python3");
    // _exit, since an orderly end writes to shared pages and so makes them private.
    const rest = "os.fork()\nos.fork()\ntime.sleep(0.3)\nos._exit(0)";
    const forks = `import os, time\nheld = bytearray(200 << 20)\n${rest}`;
    const none = `import os, time\n${rest}`;
    const held = await observe(["python3", "-c", forks], { gnuTime: false });
    const bare = await observe(["python3", "-c", none], { gnuTime: false });
    expectWithin(0.05, (held.memory?.treeBytes ?? 0) - (bare.memory?.treeBytes ?? 0), 200 * MIB);
  });
});
