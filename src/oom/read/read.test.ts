import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isJsonObject, parseJson } from "../../base/json.ts";
import { readLog } from "./log.ts";
import { isNodeReport, readNodeReport } from "./node-report.ts";

const fixture = (name: string): string => readFileSync(`test/fixtures/oom/${name}`, "utf8");

describe("a Node.js report", () => {
  const document = parseJson(fixture("node_oom_report.json"));

  test("heap, limit, stack and cause are those of the file", () => {
    if (!isNodeReport(document)) throw new Error("not taken for a report");
    const { details, cause, timestamp } = readNodeReport(document, "a report");
    expect(details[0]).toMatchObject({
      peakAllocatedBytes: 33_298_792,
      peakReservedBytes: 68_395_008,
      limitBytes: 81_788_928,
      histogram: { "1KiB-64KiB": 1, "64KiB-1MiB": 1, "16MiB-256MiB": 1 },
    });
    // The outermost frame first: the innermost one is what wrote the report.
    expect(details[0]?.largestAllocStack?.at(-2)).toMatch(/^node::TriggerNodeReport/);
    expect(cause).toMatchObject({
      killer: "runtime",
      tool: "node",
      process: { pid: 14_832, name: "node" },
      usedBytes: 33_298_792,
      limitBytes: 81_788_928,
    });
    expect(timestamp).toBe("2026-11-20T09:11:55Z");
  });

  test("one that was asked for is no out-of-memory, and odd values count as absent", () => {
    const odd = parseJson(
      '{"header":{"event":"JavaScript API","trigger":"GetReport"},"javascriptHeap":{"usedMemory":-5,"memoryLimit":1.5}}',
    );
    if (!isJsonObject(odd)) throw new Error("no object");
    const { details, cause, timestamp } = readNodeReport(odd, "a report");
    expect({ cause, timestamp, peak: details[0]?.peakAllocatedBytes, limit: details[0]?.limitBytes }).toEqual(
      {
        cause: null,
        timestamp: null,
        peak: undefined,
        limit: undefined,
      },
    );
    expect(details[0]?.notes.join()).toContain("not made by an out-of-memory");
  });

  test("command line and environment do not reach the report", () => {
    const secret = fixture("node_oom_report.json").replace('"h.js"', '"--token=hunter2"');
    const read = parseJson(secret);
    if (!isNodeReport(read)) throw new Error("not taken for a report");
    expect(JSON.stringify(readNodeReport(read, "a report"))).not.toContain("hunter2");
  });
});

describe("logs", () => {
  test("a kernel's log of a memory cgroup: process, limit, group and sizes", () => {
    const reading = readLog(fixture("kernel_memcg_oom.txt"), "a log");
    expect(reading?.kind).toBe("kernel-log");
    expect(reading?.cause).toMatchObject({
      killer: "cgroup",
      process: { pid: 15_858, name: "hog" },
      limitBytes: 102_400 * 1024,
      usedBytes: (102_016 + 1108) * 1024,
      group: "/lab",
    });
    expect(reading?.details[0]).toMatchObject({
      peakAllocatedBytes: (102_016 + 1108) * 1024,
      peakReservedBytes: 309_680 * 1024,
      largestAllocStack: ["/lab", "hog (15858)"],
      histogram: { "16MiB-256MiB": 1 },
    });
  });

  test("the kernel's table of tasks is counted by size", () => {
    const rows = [
      "[  100]     0   100    77420    25781    25504      277         0   258048        0             0 hog",
      "[  101]     0   101      900      200      100      100         0    25804        0             0 sh",
    ];
    const kill =
      "Out of memory: Killed process 100 (hog) total-vm:309680kB, anon-rss:102016kB, file-rss:1108kB, shmem-rss:0kB, UID:0 pgtables:252kB oom_score_adj:0";
    const text = [
      "[ 1.0] Tasks state (memory values in pages):",
      ...rows.map((row) => `[ 1.0] ${row}`),
      `[ 1.0] ${kill}`,
    ];
    const reading = readLog(text.join("\n"), "a log");
    expect(reading?.cause).toMatchObject({ killer: "kernel", tool: "kernel-global" });
    expect(reading?.details[0]?.histogram).toEqual({ "64KiB-1MiB": 1, "16MiB-256MiB": 1 });
  });

  test("Node's stderr: its native stack, the outermost frame first", () => {
    const reading = readLog(fixture("node_oom_stderr.txt"), "a log");
    expect(reading?.cause).toMatchObject({ tool: "node", killer: "runtime" });
    expect(reading?.details[0]?.largestAllocStack?.at(-1)).toMatch(/^node::OOMErrorHandler/);
  });

  test("a Python traceback belongs to the message below it", () => {
    const text = [
      "Traceback (most recent call last):",
      '  File "old.py", line 1, in other',
      "ValueError: no",
      "Traceback (most recent call last):",
      '  File "train.py", line 10, in <module>',
      "    main()",
      '  File "model.py", line 88, in forward',
      "    x = y @ z",
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 546.00 MiB. GPU 0 has a total capacity of 15.77 GiB of which 514.19 MiB is free. Process 562167 has 15.25 GiB memory in use. Of the allocated memory 13.73 GiB is allocated by PyTorch, with 46.00 MiB allocated in private pools (e.g., CUDA Graphs), and 736.86 MiB is reserved by PyTorch but unallocated.",
    ].join("\n");
    const reading = readLog(text, "a log");
    expect(reading?.details[0]).toMatchObject({
      largestAllocStack: ["train.py:10 <module>", "model.py:88 forward"],
      requestedBytes: 546 * 1024 ** 2,
    });
  });

  test("a log without any has no reading; with several the last is the cause, and the kernel has the last word", () => {
    expect(readLog("all is well\nno room for doubt\n", "a log")).toBeNull();
    const both = `${fixture("kernel_memcg_oom.txt")}\nMemoryError\nfatal error: runtime: out of memory\n`;
    expect(readLog(both, "a log")?.cause?.tool).toBe("kernel-memcg");
    const go = readLog("MemoryError\nfatal error: runtime: out of memory\n", "a log");
    expect(go?.cause?.tool).toBe("go");
    expect(go?.details[0]?.notes.join()).toContain("also in the log: python");
  });
});
