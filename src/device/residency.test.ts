import { expect, test } from "vitest";
import { heldBytes, type MemorySample, notProven, type ResidencyFacts } from "./residency.ts";
import { smiSample } from "./memory-sampler.ts";

const MIB = 1024 * 1024;

function sample(
  used: number | null,
  ...processes: readonly (readonly [number, number | null])[]
): MemorySample {
  return { devices: [used], processes: processes.map(([pid, bytes]) => ({ device: 0, pid, bytes })) };
}

const empty = sample(0);
const facts: ResidencyFacts = {
  baseline: empty,
  sample: empty,
  tree: [10, 11],
  holders: 1,
  samePids: true,
  contextBytes: 500,
  modelBytes: 10_000,
};

test.each([
  [
    "a process of the tree, less its context",
    { sample: sample(9000, [11, 6000]) },
    { how: "pid", bytes: 5500 },
  ],
  ["a bare context is nothing", { sample: sample(500, [11, 500]) }, { how: "pid", bytes: 0 }],
  ["another program's memory does not count", { sample: sample(9000, [99, 9000]) }, null],
  [
    "the largest process counts, not their sum",
    { sample: sample(9000, [10, 3000], [11, 4000]) },
    { how: "pid", bytes: 3500 },
  ],
  [
    "where the driver gives no figure: the growth",
    { sample: sample(4000, [11, null]) },
    { how: "device-growth", bytes: 3500 },
  ],
  [
    "in a container: the process that was not there before",
    { samePids: false, baseline: sample(100, [7, 100]), sample: sample(6100, [7, 100], [777, 6000]) },
    { how: "new-process", bytes: 5500 },
  ],
  [
    "in a container ids of the tree mean nothing",
    { samePids: false, baseline: sample(9000, [11, 9000]), sample: sample(9000, [11, 9000]) },
    { how: "device-growth", bytes: 0 },
  ],
  [
    "in a container without an open GPU: nothing, whatever others do",
    { samePids: false, holders: 0, sample: sample(9000, [777, 9000]) },
    null,
  ],
  [
    "more new processes than the tree has GPUs open: cannot be told",
    { samePids: false, sample: sample(9000, [777, 5000], [778, 4000]) },
    null,
  ],
  [
    "no process is named at all: the growth, less a context a holder",
    { samePids: false, holders: 2, baseline: sample(1000), sample: sample(7000) },
    { how: "device-growth", bytes: 5000 },
  ],
  [
    "shrinking is no growth",
    { samePids: false, baseline: sample(7000), sample: sample(1000) },
    { how: "device-growth", bytes: 0 },
  ],
] as const)("%s", (_what, changed, expected) => {
  expect(heldBytes({ ...facts, ...changed })).toEqual(expected);
});

test("one process on two devices: both count, each less a context", () => {
  const processes = [0, 1].map((device) => ({ device, pid: 10, bytes: 3000 }));
  expect(heldBytes({ ...facts, sample: { devices: [3000, 3000], processes } })).toEqual({
    how: "pid",
    bytes: 5000,
  });
});

test("what is said where nothing is proven", () => {
  const none = notProven("not-resident", { most: null, contextBytes: 0, modelBytes: 64 * MIB }, 30_000);
  expect(none).toMatchObject({
    kind: "not-proven",
    code: "not-resident",
    mostBytes: 0,
    requiredBytes: 32 * MIB,
  });
  expect(none).toHaveProperty(
    "message",
    expect.stringContaining("no process of the program held GPU memory within 30 s"),
  );
  const most = { how: "pid", bytes: 2 * MIB } as const;
  const little = notProven("ended-early", { most, contextBytes: 0, modelBytes: 64 * MIB }, 10);
  expect(little).toHaveProperty("message", expect.stringContaining("held 2 MiB of GPU memory at most"));
});

test("nvidia-smi's lists", () => {
  const gpus = "GPU-a, 1024\nGPU-b, [N/A]\n";
  const apps = "GPU-b, 42, 512\nGPU-a, 43, [N/A]\nNo running processes found\n";
  expect(smiSample(gpus, apps)).toEqual({
    devices: [1024 * MIB, null],
    processes: [
      { device: 1, pid: 42, bytes: 512 * MIB },
      { device: 0, pid: 43, bytes: null },
    ],
  });
});
