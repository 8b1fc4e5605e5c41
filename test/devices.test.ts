import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr, type AprResult } from "./support/cli.ts";
import { driverStub, quietEnv, withDriver } from "./support/device/stub.ts";
import { findProgram, needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const GPU = JSON.stringify({ cuda_runtime_available: true, driver_cuda: "12.4", devices: ["A", "B"] });
const NO_GPU = JSON.stringify({ cuda_runtime_available: false });

async function devices(
  args: readonly string[],
  fixture: string,
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<AprResult & { tookMs: number }> {
  const startMs = performance.now();
  const env = { ...quietEnv(), APR_DEVICE_FIXTURE: fixture, ...more };
  const result = await apr(["devices", ...args], { env, cwd: tempDir() });
  return { ...result, tookMs: performance.now() - startMs };
}

test("one line a backend, with the reason where it is not there", async () => {
  const { stdout, code } = await devices([], NO_GPU);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}cuda +no +the fixture has no CUDA runtime$/m);
  expect(stdout).toMatch(/^ {2}cpu +available +\d+ cores$/m);
  const document = (await devices(["--json"], GPU)).json();
  expect(document).toMatchObject({ driver_cuda: "12.4" });
  expect(document).toHaveProperty("backends.0.devices.1", expect.objectContaining({ index: 1, name: "B" }));
});

test("a device that is not there: exit 14 within 2 s; a word that is none: exit 2", async () => {
  const missing = await devices(["--device", "cuda:2", "--json"], GPU);
  expect(missing.code).toBe(14);
  expect(missing.tookMs).toBeLessThan(2000);
  expect(missing.json()).toMatchObject({
    error: {
      kind: "device-unavailable",
      code: "DEVICE_UNAVAILABLE",
      exit_code: 14,
      reason: "no-such-device",
    },
  });
  const bad = await devices(["--device", "cuda:16", "--json"], GPU);
  expect(bad.code).toBe(2);
  expect(bad.json()).toMatchObject({ error: { kind: "usage", exit_code: 2 } });
});

test("a driver that hangs: exit 14 within 2 s all the same", async (context) => {
  needs(context, "gcc");
  const result = await devices(["--device", "cuda"], "", withDriver(driverStub("HANG")));
  expect(result.code).toBe(14);
  expect(result.tookMs).toBeLessThan(2000);
});

test("auto falls back with one structured warning", async () => {
  const { code, stderr, json } = await devices(["--device", "auto", "--json"], NO_GPU);
  expect(code).toBe(0);
  expect(json()).toMatchObject({ device: { requested: "auto", used: "cpu" } });
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]?.replace(/^apr: warning /, "") ?? "")).toMatchObject({
    code: "DEVICE_FALLBACK",
  });
});

test("the order is flag, APR_DEVICE, config file; exec makes nothing where the device is missing", async () => {
  const folder = tempDir();
  writeFileSync(join(folder, "apr.yaml"), "device: cuda:7\n");
  const run = async (
    args: readonly string[],
    more: Readonly<Record<string, string>>,
  ): Promise<number | null> => {
    const env = { ...quietEnv(), HOME: folder, APR_DEVICE_FIXTURE: GPU, ...more };
    return (await apr(["exec", "x", ...args, "--", "sh", "-c", ": {model}"], { env, cwd: folder })).code;
  };
  // 125: the device was settled, and then the store was not there.
  expect(await run(["--device", "cuda:1"], { APR_DEVICE: "cuda:9" })).toBe(125);
  expect(await run([], { APR_DEVICE: "cuda:9" })).toBe(14);
  expect(await run([], { APR_DEVICE: "cpu" })).toBe(125);
  expect(await run([], { APR_DEVICE: "gpu" })).toBe(2);
  expect(await run([], {})).toBe(14);
  expect(readdirSync(folder)).toEqual(["apr.yaml"]);
});

/** A program that is linked with CUDA's runtime, as a CUDA build of an engine is. */
function cudaProgram(folder: string, major: number): string {
  const name = `libcudart.so.${major}`;
  const library = join(folder, name);
  execFileSync("gcc", ["-shared", "-fPIC", `-Wl,-soname,${name}`, "-o", library, "-x", "c", "/dev/null"]);
  const source = join(folder, "engine.c");
  writeFileSync(source, "int main(void) { return 0; }\n");
  const target = join(folder, "engine");
  execFileSync("gcc", ["-o", target, source, "-Wl,--no-as-needed", library, "-Wl,-rpath,$ORIGIN"]);
  return target;
}

test("an engine that is linked with CUDA: stale without a driver, or with one that is too old", async (context) => {
  needs(context, "gcc");
  const folder = tempDir();
  const engine = cudaProgram(folder, 12);
  const stale = await devices(["--engine", engine], NO_GPU);
  expect(stale.code).toBe(5);
  expect(stale.stdout).toContain("STALE BUILD (gputrain-007/fields)");
  const good = await devices(["--engine", engine, "--json"], GPU);
  expect(good.code).toBe(0);
  expect(good.json()).toMatchObject({ cuda_feature: true, built_for: "12", visible_devices: ["0:A", "1:B"] });
  const newer = await devices(["--engine", cudaProgram(tempDir(), 13), "--json"], GPU);
  expect(newer.code).toBe(5);
  expect(newer.json()).toMatchObject({ reason: "built for CUDA 13, and the driver runs CUDA up to 12.4" });
});

test("configured engines decide cuda_feature, and are not run", async (context) => {
  needs(context, "gcc");
  const env = { ...quietEnv(), APR_ENGINES: cudaProgram(tempDir(), 12), APR_DEVICE_FIXTURE: NO_GPU };
  const report = await apr(["--version", "--json"], { env, cwd: tempDir() });
  expect(report.json()).toMatchObject({ cuda_feature: true, cuda_runtime_available: false });
  const doctor = await apr(["doctor", "--json"], { env, cwd: tempDir() });
  const { checks } = doctor.json() as { checks: { id: string; reason: { code: string } | null }[] };
  expect(checks.find(({ id }) => id === env.APR_ENGINES)?.reason?.code).toBe("stale-build");
  expect(checks.find(({ id }) => id === "build")?.reason?.code).toBe("stale-build");
});

test("an engine that lists its devices is believed over its files", async () => {
  const folder = tempDir();
  const engine = join(folder, "llama-cli");
  writeFileSync(
    engine,
    "#!/bin/sh\necho 'Available devices:'\necho '  CUDA0: H100 (80000 MiB, 79000 MiB free)'\n",
  );
  chmodSync(engine, 0o755);
  const found = await devices(["--engine", engine, "--json"], GPU);
  expect(found.json()).toMatchObject({ kind: "llama.cpp", cuda_feature: true, visible_devices: ["0:H100"] });
});

test("a Python is asked for its torch, and a script for its Python's", async (context) => {
  needs(context, "python3");
  const packages = tempDir();
  mkdirSync(join(packages, "torch"));
  const cuda =
    "class cuda:\n  is_available = staticmethod(lambda: False)\n  device_count = staticmethod(lambda: 0)\n";
  writeFileSync(join(packages, "torch", "version.py"), "cuda: str = '12.4'\nhip = None\n");
  writeFileSync(
    join(packages, "torch", "__init__.py"),
    `from . import version\n__version__ = '2.5.1'\n${cuda}`,
  );
  const script = join(tempDir(), "vllm");
  writeFileSync(script, `#!${findProgram("python3")}\n`);
  chmodSync(script, 0o755);
  for (const engine of ["python3", script]) {
    const found = await devices(["--engine", engine, "--json"], GPU, { PYTHONPATH: packages });
    expect(found.code).toBe(5);
    expect(found.json()).toMatchObject({
      kind: "python",
      cuda_feature: true,
      cuda_runtime_available: false,
      built_for: "12.4",
      reason: "torch.cuda.is_available() is false",
    });
  }
});

test("an engine named by a path counts from the working folder", async () => {
  const cwd = tempDir();
  const text = "#!/bin/sh\necho 'Available devices:'\n";
  writeFileSync(join(cwd, "llama-cli"), text, { mode: 0o755 });
  const env = { ...quietEnv(), APR_DEVICE_FIXTURE: GPU };
  const { code, json } = await apr(["devices", "--engine", "./llama-cli", "--json"], { env, cwd });
  expect(code).toBe(6);
  expect(json()).toMatchObject({ kind: "llama.cpp", reason: "it lists no CUDA device", visible_devices: [] });
});

test("an engine that is not there, and one that cannot be looked into", async () => {
  expect((await devices(["--engine", "no-such-engine"], GPU)).code).toBe(3);
  expect((await devices(["--engine", "'"], GPU)).code).toBe(2);
  const script = join(tempDir(), "engine");
  writeFileSync(script, "#!/bin/sh\n");
  chmodSync(script, 0o755);
  expect((await devices(["--engine", script], GPU)).code).toBe(6);
});
