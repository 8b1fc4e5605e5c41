import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { nodeProbeWorld } from "../world/node/probe-world.ts";
import { parseDisplays } from "./apple.ts";
import { canRun } from "./compatible.ts";
import { parseListDevices } from "./engine/ask-engine.ts";
import { majorOf } from "./engine/libraries.ts";
import { torchAnswer } from "./engine/torch.ts";
import { asSeen, parseSmi } from "./nvidia-smi.ts";
import { findRocm, gfxName } from "./rocm.ts";

/** The kernel's list of AMD GPUs, as a folder of the same form: one processor, one GPU. */
function topology(): { topology: string; device: string } {
  const folder = tempDir();
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("nodes/0/properties", "cpu_cores_count 8\nsimd_count 0\ngfx_target_version 0\n");
  write("nodes/1/properties", "simd_count 304\ngfx_target_version 90402\n");
  write("nodes/1/name", "aqua_vanjaram\n");
  write("nodes/1/mem_banks/0/properties", "heap_type 1\nsize_in_bytes 206141652992\n");
  write("kfd", "");
  return { topology: join(folder, "nodes"), device: join(folder, "kfd") };
}

const linux = { ...nodeProbeWorld, host: { ...nodeProbeWorld.host, platform: "linux" } };

test("AMD: the GPU is listed, and what ROCm lacks is said", async () => {
  const places = topology();
  const found = await findRocm({ ...linux, env: {} }, places);
  const device = { index: 0, name: "aqua_vanjaram", memoryBytes: 206_141_652_992, capability: "gfx942" };
  expect(found.devices).toEqual([device]);
  const shut = await findRocm({ ...linux, env: {} }, { ...places, device: `${places.device}-none` });
  expect(shut).toMatchObject({ available: false, reason: { code: "no-permission" } });
});

test("AMD: with its library it is available; without a GPU it is not", async () => {
  const libraries = tempDir();
  writeFileSync(join(libraries, "libamdhip64.so"), "");
  const env = { LD_LIBRARY_PATH: libraries };
  expect(await findRocm({ ...linux, env }, topology())).toMatchObject({ available: true });
  const none = await findRocm({ ...linux, env }, { topology: tempDir(), device: "/dev/null" });
  expect(none).toMatchObject({ available: false, reason: { code: "no-device" } });
});

test.each([
  [90_010, "gfx90a"],
  [100_300, "gfx1030"],
  [110_000, "gfx1100"],
])("AMD: %i is %s", (target, name) => expect(gfxName(target)).toBe(name));

test("Apple: what system_profiler prints, and what it might", () => {
  const gpu = { sppci_model: "Apple M2", spdisplays_mtlgpufamilysupport: "spdisplays_metal3" };
  const text = JSON.stringify({ SPDisplaysDataType: [gpu, { sppci_model: "Old" }, 7] });
  expect(parseDisplays(text)).toEqual([
    { index: 0, name: "Apple M2", memoryBytes: null, capability: "Metal 3" },
  ]);
  for (const odd of ["", "{", "[]", '{"SPDisplaysDataType":3}']) expect(parseDisplays(odd)).toEqual([]);
});

test("nvidia-smi: names with commas, values that are missing, lines that are none", () => {
  const text = [
    "0, GPU-aaaa, 81559, 550.54.15, 9.0, NVIDIA H100 80GB HBM3",
    "1, GPU-bbbb, [N/A], 550.54.15, 8.6, NVIDIA, the second",
    "No devices were found",
  ].join("\n");
  const { driver, devices } = parseSmi(text);
  expect(driver).toBe("550.54.15");
  expect(devices).toEqual([
    {
      index: 0,
      name: "NVIDIA H100 80GB HBM3",
      uuid: "GPU-aaaa",
      memoryBytes: 81_559 * 1024 ** 2,
      computeCapability: "9.0",
    },
    { index: 1, name: "NVIDIA, the second", uuid: "GPU-bbbb", memoryBytes: null, computeCapability: "8.6" },
  ]);
  expect(asSeen(devices, "1").map(({ index, uuid }) => [index, uuid])).toEqual([[0, "GPU-bbbb"]]);
});

test("llama.cpp's list of devices", () => {
  const text =
    "ggml_cuda_init: found 1 CUDA devices:\nAvailable devices:\n  CUDA0: NVIDIA (x) H100 (81089 MiB, 80500 MiB free)\n  Vulkan0: llvmpipe (100 MiB, 100 MiB free)\n";
  expect(parseListDevices(text)).toEqual(["0:NVIDIA (x) H100"]);
  expect(parseListDevices("Available devices:\n")).toEqual([]);
  expect(parseListDevices("error: unknown argument")).toBeNull();
});

test("torch's answer", () => {
  const facts = { torch: "2.5.1+cu124", cuda: "12.4", available: true, devices: ["H100", 3], vllm: null };
  expect(torchAnswer(facts)).toMatchObject({
    runtime: true,
    cuda: true,
    builtFor: "12.4",
    devices: ["0:H100"],
  });
  expect(torchAnswer({ torch: null, error: "No module named 'torch'" })).toMatchObject({
    runtime: null,
    cuda: null,
  });
  const cpu = torchAnswer({ torch: "2.5.1+cpu", cuda: null, available: false, devices: [] });
  expect(cpu).toMatchObject({ runtime: false, cuda: false });
});

test.each([
  ["12.4", "12.8", true],
  ["12.4", "13.0", false],
  ["13.0", "12.4", true],
  ["12.4", "12", true],
  [null, "12.4", null],
  ["12.4", null, null],
] as const)("a driver of CUDA %s runs a build for %s: %s", (driver, build, expected) => {
  expect(canRun(driver, build)).toBe(expected);
});

test("CUDA's version in the names of libraries: the oldest build counts", () => {
  expect(majorOf(["libcuda.so.1", "libcublas.so.13", "libcudart.so.12"])).toBe("12");
  expect(majorOf(["libcuda.so.1", "libggml-cuda.so"])).toBeNull();
});
