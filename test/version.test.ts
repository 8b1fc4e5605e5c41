import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { judgeContract, overall } from "../src/contracts/judge.ts";
import { versionContract } from "../src/contracts/version.ts";
import type { Json } from "../src/base/json.ts";
import { apr } from "./support/cli.ts";
import { driverStub, quietEnv, withDriver } from "./support/device/stub.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

interface Report {
  readonly cuda_feature: boolean;
  readonly cuda_runtime_available: boolean;
  readonly visible_devices: readonly string[];
  readonly devices: readonly Readonly<Record<string, unknown>>[];
  readonly cuda: { readonly source: string; readonly reason: { readonly code: string } | null };
}

/** A report must come within 2 s whatever the driver does; Node's own start is in it. */
const REPORT_LIMIT_MS = 2000;

async function report(env: Readonly<Record<string, string | undefined>>): Promise<{
  document: Report;
  verdict: string;
  reasons: readonly unknown[];
}> {
  const startMs = performance.now();
  const result = await apr(["--version", "--json"], { env, cwd: tempDir() });
  const tookMs = performance.now() - startMs;
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(tookMs).toBeLessThan(REPORT_LIMIT_MS);
  const document = result.json() as Report;
  const evidence = versionContract.evidenceOf?.(document as unknown as Json) ?? {};
  const verdicts = judgeContract(versionContract, evidence, "live");
  const reasons = verdicts.map(({ reason }) => reason?.code).filter((code) => code !== undefined);
  return { document, verdict: overall(verdicts), reasons };
}

test.each([
  [false, false, "pass", []],
  [false, true, "pass", []],
  [true, true, "pass", []],
  [true, false, "fail", ["stale-build"]],
] as const)(
  "feature %s, runtime %s: printed, exit 0, and the gate says %s",
  async (feature, runtime, word, why) => {
    const fixture = { cuda_feature: feature, cuda_runtime_available: runtime, devices: ["NVIDIA H200"] };
    const env = { ...quietEnv(), APR_DEVICE_FIXTURE: JSON.stringify(fixture) };
    const { document, verdict, reasons } = await report(env);
    expect(document).toMatchObject({ cuda_feature: feature, cuda_runtime_available: runtime });
    expect(document.cuda.source).toBe("fixture");
    expect(document.visible_devices).toEqual(runtime ? ["0:NVIDIA H200"] : []);
    expect([verdict, reasons]).toEqual([word, why]);
  },
);

test("a fixture that cannot be read is said, and the report still comes", async () => {
  const { document } = await report({ ...quietEnv(), APR_DEVICE_FIXTURE: "{" });
  expect(document.cuda.reason?.code).toBe("bad-fixture");
});

test("without a driver: why not, and no process is started", async (context) => {
  const { document, verdict } = await report(quietEnv());
  if (document.cuda.reason?.code !== "no-library") return context.skip("not run: this machine has a driver");
  expect(document).toMatchObject({ cuda_feature: false, cuda_runtime_available: false, devices: [] });
  expect(verdict).toBe("pass");
});

test("a driver that answers: devices with memory, capability and id", async (context) => {
  needs(context, "gcc");
  const { document } = await report(withDriver(driverStub("COUNT=2")));
  expect(document).toMatchObject({
    cuda_runtime_available: true,
    visible_devices: ["0:Stub GPU", "1:Stub GPU"],
    cuda: { source: "driver", driver_cuda: "12.4", reason: null },
  });
  expect(document.devices[1]).toMatchObject({
    index: 1,
    uuid: "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f",
    memory_bytes: 85_899_345_920,
    compute_capability: "9.0",
  });
  // A machine with a driver of its own has that one's version.
  const version = existsSync("/proc/driver/nvidia") ? /^\d+\.\d+/ : /^550\.54\.15$/;
  expect(document.devices[1]?.["driver"]).toMatch(version);
});

test.for([
  ["fails at init", ["INIT=999"], "init-failed"],
  ["has no device at init", ["INIT=100"], "no-device"],
  ["hangs", ["HANG"], "timeout"],
  ["crashes", ["CRASH"], "crashed"],
  ["counts no device", ["COUNT=0"], "no-device"],
  ["counts fewer than none", ["COUNT=-1"], "init-failed"],
] as const)("a driver that %s: %s gives %s", async ([, macros, code], context) => {
  needs(context, "gcc");
  const { document, verdict } = await report(withDriver(driverStub(...macros)));
  expect(document).toMatchObject({ cuda_runtime_available: false, visible_devices: [] });
  expect(document.cuda.reason?.code).toBe(code);
  expect(verdict).toBe("pass");
});

test("a library that is none", async () => {
  const folder = tempDir();
  writeFileSync(`${folder}/libcuda.so.1`, "not a library");
  const { document } = await report(withDriver(folder));
  expect(document.cuda.reason?.code).toBe("cannot-load");
});

test("a hidden device is named as hidden", async (context) => {
  needs(context, "gcc");
  const env = { ...withDriver(driverStub("INIT=100")), CUDA_VISIBLE_DEVICES: "" };
  expect((await report(env)).document.cuda.reason?.code).toBe("hidden");
});

test("17 devices are all listed, and the gate refuses them", async (context) => {
  needs(context, "gcc");
  const { document, verdict, reasons } = await report(withDriver(driverStub("COUNT=17")));
  expect(document.visible_devices).toHaveLength(17);
  expect([verdict, reasons]).toEqual(["fail", ["too-many-devices"]]);
});

test("a count that cannot be is not believed", async (context) => {
  needs(context, "gcc");
  const { document } = await report(withDriver(driverStub("COUNT=2147483647")));
  expect(document.visible_devices).toHaveLength(64);
});

test("a name with quotes, line ends and bytes that are no UTF-8; a driver that prints", async (context) => {
  needs(context, "gcc");
  const name = String.raw`NAME="\"A\"\n\x1b[31m\xff\xfe-"`;
  const { document } = await report(withDriver(driverStub(name, "CHATTER")));
  expect(document.visible_devices).toEqual(['0:"A"\n\u001b[31m\ufffd\ufffd-']);
});
