import fc from "fast-check";
import { expect, test } from "vitest";
import { readTorchFacts } from "./torch-facts.ts";

const FACTS = {
  ...{ pid: 5, time_ns: 1, torch: "2.9.0", device: 1, device_name: "Card" },
  ...{ requested_bytes: 10, free_bytes: 4, total_bytes: 100, allocated_bytes: 50, reserved_bytes: 60 },
  ...{ peak_allocated_bytes: 55, peak_reserved_bytes: 66, stack: ["main", "layer"] },
};

test("what the shim writes", () => {
  const text = JSON.stringify(FACTS).replace('"time_ns":1', '"time_ns":1795165915123456789');
  expect(readTorchFacts(text, "oom-5-1.json")).toEqual({
    ...{ pid: 5, device: 1, timeNs: 1_795_165_915_123_456_789n, allocatedBytes: 50, reservedBytes: 60 },
    detail: {
      source: "PyTorch's out-of-memory observer (oom-5-1.json)",
      ...{ peakAllocatedBytes: 55, peakReservedBytes: 66, largestAllocStack: ["main", "layer"] },
      ...{ requestedBytes: 10, freeBytes: 4, totalBytes: 100 },
      notes: ["PyTorch 2.9.0 on cuda:1, Card"],
    },
  });
});

test("whatever stands there instead: nothing is thrown, no number is taken that is none", () => {
  const key = fc.constantFrom(...Object.keys(FACTS));
  fc.assert(
    fc.property(key, fc.jsonValue(), (name, value) => {
      const read = readTorchFacts(JSON.stringify({ ...FACTS, [name]: value }), "x");
      for (const figure of [read?.detail.peakAllocatedBytes ?? 0, read?.detail.totalBytes ?? 0]) {
        expect(Number.isSafeInteger(figure) && figure >= 0).toBe(true);
      }
    }),
  );
  for (const text of ["", "[]", "null", "{", '{"pid":1}']) expect(readTorchFacts(text, "x")).toBeNull();
});
