import { readFileSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { apr, type AprResult } from "./support/cli.ts";
import { nvmlStub, quietEnv } from "./support/device/stub.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const GIB = 1024 ** 3;

interface Ran extends AprResult {
  readonly gpu: Readonly<Record<string, unknown>> | null;
}

/** `apr run --require-gpu` on a model of 4 GiB, with a memory library that says what the program writes into $STUB_NVML. */
async function requireGpu(script: string, deadline: string): Promise<Ran> {
  const folder = tempDir();
  const model = join(folder, "model.bin");
  writeFileSync(model, "");
  truncateSync(model, 4 * GIB);
  const said = join(folder, "memory");
  writeFileSync(said, "0\n");
  const report = join(folder, "report.json");
  const flags = ["--require-gpu", "--gpu-deadline", deadline, "--model", model, "--report", report];
  const env = { ...quietEnv(), LD_LIBRARY_PATH: nvmlStub(), STUB_NVML: said };
  const result = await apr(["run", ...flags, "--", "sh", "-c", script], { env, cwd: folder });
  const document = JSON.parse(readFileSync(report, "utf8")) as { gpu_proof: Ran["gpu"] };
  return { ...result, gpu: document.gpu_proof };
}

/** In a container the driver's process ids are not the program's, and the stand-in cannot know the host's. */
function needsFirstProcessSpace(context: TestContext): void {
  if (readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]") {
    context.skip("not run: the process ids of a container are not the driver's");
  }
}

test("a program whose model is in GPU memory runs to its own end", async (context) => {
  needs(context, "gcc", "sh");
  needsFirstProcessSpace(context);
  // A child of the program holds it, as engines' workers do.
  const script = `sh -c 'printf "${3 * GIB}\\n$$ ${3 * GIB}\\n" > $STUB_NVML; sleep 3'; exit 7`;
  const { code, gpu, stderr } = await requireGpu(script, "20s");
  expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
  expect(gpu).toMatchObject({ proven: true, how: "pid", required_bytes: 2 * GIB });
});

test("a program on the CPU is stopped at the deadline: exit 15", async (context) => {
  needs(context, "gcc", "sh");
  const startMs = performance.now();
  const { code, gpu, stderr } = await requireGpu("sleep 60 & sleep 60; wait", "1s");
  expect(code).toBe(15);
  expect(performance.now() - startMs).toBeLessThan(30_000);
  expect(stderr).toMatch(
    /^apr: GPU_RESIDENCY_PROOF_FAILED no process of the program held GPU memory within 1 s;/m,
  );
  expect(gpu).toMatchObject({ proven: false, code: "not-resident", stopped: true });
});

test("one that ends before a proof: 15 for 0, its own code for a failure", async (context) => {
  needs(context, "gcc", "sh");
  const quick = await requireGpu("exit 0", "20s");
  expect(quick.code).toBe(15);
  expect(quick.gpu).toMatchObject({ proven: false, code: "ended-early", stopped: false });
  expect((await requireGpu("exit 9", "20s")).code).toBe(9);
});

test("a device that is not there, a word that is none, a model without a size: nothing is started", async () => {
  const env = { ...quietEnv(), APR_DEVICE_FIXTURE: JSON.stringify({ cuda_runtime_available: false }) };
  const folder = tempDir();
  const start = async (...flags: readonly string[]): Promise<number | null> =>
    (await apr(["run", ...flags, "--", "sh", "-c", "echo > started"], { env, cwd: folder })).code;
  expect(await start("--device", "cuda:1")).toBe(14);
  expect(await start("--device", "gpu")).toBe(2);
  expect(await start("--require-gpu")).toBe(125);
  expect(() => readFileSync(join(folder, "started"))).toThrow("ENOENT");
  expect(await start("--device", "cpu")).toBe(0);
});
