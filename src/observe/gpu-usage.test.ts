import { expect, test } from "vitest";
import { GpuUsage } from "./gpu-usage.ts";

const MIB = 2 ** 20;

test("lines of nvidia-smi, cut anywhere; only the tree's processes count, all their GPUs together", () => {
  let nowMs = 0;
  const usage = new GpuUsage(
    (pid) => pid === 7 || pid === 8,
    () => nowMs,
  );
  usage.take("7, 100\n9, 5000\n8, 2");
  usage.take("0\n7, 50\nNo running processes found\n7, [N/A]\n");
  expect(usage.stop({ signal: () => true })).toMatchObject({ peakBytes: 170 * MIB, seen: true });
  nowMs = 1000;
  usage.take("7, 300\n");
  nowMs = 5000;
  usage.take("8, 1\n");
  const { peakBytes, curve } = usage.stop({ signal: () => true });
  expect(peakBytes).toBe(320 * MIB);
  expect(curve.at(-1)).toEqual({ atMs: 5000, bytes: MIB });
});

test("a driver that names none of them", () => {
  const usage = new GpuUsage(
    () => false,
    () => 0,
  );
  usage.take(`1, 20\n${"x".repeat(100_000)}`);
  expect(usage.stop({ signal: () => true })).toEqual({ peakBytes: 0, curve: [], seen: false });
});
