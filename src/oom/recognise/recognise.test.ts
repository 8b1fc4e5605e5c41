import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ordinaryLines } from "../../../test/support/oom/ordinary.ts";
import { recognise } from "./recognise.ts";
import type { Recognised, Tool } from "./types.ts";

const KIB = 1024;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

interface Line {
  readonly tool: Tool;
  readonly text: string;
}

const LINES = readFileSync(new URL("../../../test/fixtures/oom/messages.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

/** What each message says, worked out by hand: counts of a unit, rounded to a byte. */
const EXPECTED: Readonly<Record<string, Partial<Recognised>>> = {
  "pytorch-cuda-old": {
    ...{ killer: "gpu", device: "0", requestedBytes: 128 * MIB, totalBytes: Math.round(11.17 * GIB) },
    ...{ usedBytes: Math.round(10.85 * GIB), freeBytes: Math.round(24.81 * MIB) },
  },
  "pytorch-cuda": {
    ...{ killer: "gpu", device: "0", requestedBytes: 546 * MIB, totalBytes: Math.round(15.77 * GIB) },
    ...{ usedBytes: 15.25 * GIB, freeBytes: Math.round(514.19 * MIB), process: { pid: 562_167 } },
  },
  "pytorch-mps": {
    ...{ killer: "gpu", device: "mps", requestedBytes: 292.5 * MIB, limitBytes: Math.round(27.2 * GIB) },
    usedBytes: Math.round(9.57 * GIB),
  },
  "pytorch-cpu": { killer: "allocator", requestedBytes: 132_426_121_216 },
  "llama.cpp-cuda": { killer: "gpu", device: "0", requestedBytes: 151_851_674_624 },
  "llama.cpp-vulkan": { killer: "gpu", requestedBytes: 369_827_840 },
  "llama.cpp-metal": { killer: "gpu" },
  "vllm-cache": { killer: "gpu" },
  "vllm-startup": {
    ...{ killer: "gpu", device: "cuda:1", requestedBytes: Math.round(19.84 * GIB) },
    ...{ freeBytes: Math.round(19.77 * GIB), totalBytes: Math.round(22.05 * GIB) },
  },
  "vllm-seqlen": { killer: "gpu", requestedBytes: GIB, freeBytes: Math.round(0.58 * GIB) },
  jax: { killer: "gpu", requestedBytes: 6_291_456 },
  "jax-bfc": { killer: "gpu", device: "0", requestedBytes: 268_435_456 },
  ollama: {
    ...{ killer: "runtime", requestedBytes: Math.round(164.8 * GIB), freeBytes: Math.round(13.4 * GIB) },
  },
  node: { killer: "runtime" },
  "node-ineffective": { killer: "runtime" },
  rust: { killer: "allocator", requestedBytes: 4_611_686_018_427_387_904 },
  "c++": { killer: "allocator" },
  python: { killer: "runtime" },
  numpy: { killer: "allocator", requestedBytes: 273 * GIB },
  go: { killer: "runtime" },
  "kernel-memcg": {
    ...{ killer: "cgroup", process: { pid: 15_858, name: "hog" }, usedBytes: (102_016 + 1108) * KIB },
  },
  "kernel-global": {
    ...{ killer: "kernel", process: { pid: 2_626_304, name: "ruby" }, usedBytes: 1_921_108 * KIB },
  },
  systemd: { killer: "kernel", group: "erigon.service" },
};

describe("messages of real programs", () => {
  test("each tool of the list has its expectation", () => {
    expect(LINES.map(({ tool }) => tool).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(LINES)("$tool", ({ tool, text }) => {
    const [found, ...others] = recognise(text);
    expect(others).toEqual([]);
    const { text: taken, offset, ...told } = found ?? { text: "", offset: -1 };
    expect(told).toEqual({ tool, ...EXPECTED[tool] });
    expect(text.slice(offset, offset + taken.length)).toBe(taken);
    // In the middle of a log it is the same one message.
    const log = `INFO step 12 loss 0.31\n${text}\nINFO done\n`;
    expect(recognise(log).map((each) => each.tool)).toEqual([tool]);
    expect(recognise(log.replaceAll("\n", "\r\n")).map((each) => each.tool)).toEqual([tool]);
  });
});

describe("other wordings", () => {
  test.each<[string, Tool, Partial<Recognised>]>([
    [
      "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has a total capacty of 23.65 GiB of which 1.12 GiB is free. Including non-PyTorch memory, this process has 22.52 GiB memory in use. Of the allocated memory 20.00 GiB is allocated by PyTorch",
      "pytorch-cuda",
      { requestedBytes: 2 * GIB, device: "1", totalBytes: Math.round(23.65 * GIB) },
    ],
    [
      "[rank0]: torch.OutOfMemoryError: HIP out of memory. Tried to allocate 20.00 MiB. GPU 3 has a total capacity of 63.98 GiB of which 0 bytes is free.",
      "pytorch-cuda",
      { requestedBytes: 20 * MIB, device: "3", freeBytes: 0 },
    ],
    ["RuntimeError: CUDA error: out of memory", "pytorch-cuda", {}],
    ["CUDA error: out of memory\n  current device: 0, in function alloc", "llama.cpp-cuda", {}],
    [
      "ggml_gallocr_reserve_n: failed to allocate ROCm0 buffer of size 1073741824",
      "llama.cpp-rocm",
      { requestedBytes: GIB },
    ],
    [
      "ggml_aligned_malloc: insufficient memory (attempted to allocate  64.00 MB)",
      "llama.cpp-cpu",
      { requestedBytes: 64 * MIB },
    ],
    [
      "runtime: out of memory: cannot allocate 8589934592-byte block (66781184 in use)\nfatal error: out of memory",
      "go",
      { requestedBytes: 8 * GIB, usedBytes: 66_781_184 },
    ],
    [
      "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 4,000,000,000 bytes (allocated so far: 0 bytes).",
      "cupy",
      { requestedBytes: 4_000_000_000 },
    ],
    ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', "java", {}],
    ["RangeError: Array buffer allocation failed\n    at new ArrayBuffer (<anonymous>)", "node-buffer", {}],
    ["OSError: [Errno 12] Cannot allocate memory", "libc", {}],
    ["bash: fork: Cannot allocate memory", "libc", {}],
    [
      "bash: xrealloc: cannot allocate 18446744071562067968 bytes",
      "libc",
      { requestedBytes: 2 ** 64 - 2 ** 31 },
    ],
    [
      "fatal: Out of memory, malloc failed (tried to allocate 5368709120 bytes)",
      "libc",
      { requestedBytes: 5 * GIB },
    ],
    ["[rank3]: MemoryError", "python", {}],
    ["MemoryError: Unable to allocate 7.45 GiB for an array with shape (1,) and data type int8", "numpy", {}],
    [
      "Out of memory: Kill process 7 (java) score 912 or sacrifice child\nKilled process 7 (java) total-vm:10kB, anon-rss:8kB, file-rss:0kB",
      "kernel-global",
      { process: { pid: 7, name: "java" }, usedBytes: 8 * KIB },
    ],
  ])("%s", (text, tool, told) => {
    const found = recognise(`${text}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ tool, ...told });
  });

  test("V8 tells its heap before its end", () => {
    const log =
      "[17:0x5d] 820 ms: Mark-Compact 29.9 (42.2) -> 29.1 (41.5) MB, 12 / 0 ms\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n";
    expect(recognise(log)).toMatchObject([
      { tool: "node", usedBytes: Math.round(29.1 * MIB), totalBytes: 41.5 * MIB },
    ]);
  });

  test("the kernel tells the group and its limit before the kill", () => {
    const log = [
      "memory: usage 102400kB, limit 102400kB, failcnt 79",
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/box,task_memcg=/box,task=hog,pid=9,uid=0",
      "Memory cgroup out of memory: Killed process 9 (hog) total-vm:1kB, anon-rss:2kB, file-rss:3kB, shmem-rss:4kB, UID:0",
    ];
    expect(recognise(log.join("\n"))).toMatchObject([
      { group: "/box", limitBytes: 102_400 * KIB, usedBytes: 9 * KIB, process: { pid: 9, name: "hog" } },
    ]);
  });
});

describe("ordinary logs", () => {
  test("10,000 lines of them yield nothing, one by one and as one text", () => {
    const lines = ordinaryLines(10_000, 7);
    expect(lines).toHaveLength(10_000);
    expect(new Set(lines).size).toBeGreaterThan(5000);
    expect(lines.flatMap((line) => recognise(line).map(({ tool }) => `${tool}: ${line}`))).toEqual([]);
    expect(recognise(lines.join("\n"))).toEqual([]);
  });

  test("among them, each real message is still found", () => {
    const lines = ordinaryLines(1000, 8);
    for (const [index, { text }] of LINES.entries()) lines.splice(40 * index, 0, text);
    expect(recognise(lines.join("\n")).map(({ tool }) => tool)).toEqual(LINES.map(({ tool }) => tool));
  });

  test("a hostile line of 1 MiB takes no long time", () => {
    const started = Date.now();
    for (const piece of [
      "a.",
      "MemoryError: ",
      "CUDA out of memory. ",
      "1",
      "[x]: ",
      "RESOURCE_EXHAUSTED: ",
    ]) {
      recognise(`${piece.repeat(Math.floor(MIB / piece.length))} out of memory`);
    }
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
