import { bytesOf, known, SIZE } from "./sizes.ts";
import type { Rule, Told } from "./types.ts";

// Source of the wordings: c10/cuda/CUDACachingAllocator.cpp, aten/src/ATen/mps/MPSAllocator.mm and
// c10/core/impl/alloc_cpu.cpp of PyTorch. The name of the platform stands first: CUDA, HIP or XPU.

const NEW = new RegExp(
  String.raw`\b(?:CUDA|HIP|XPU) out of memory\. Tried to allocate ${SIZE}\. GPU (\d{1,4}) has a total capaci?ty of ` +
    String.raw`${SIZE} of which ${SIZE} is free\.` +
    String.raw`(?: (?:Including non-PyTorch memory, this process|Process (\d{1,10})) has ${SIZE} memory in use\.)?` +
    String.raw`[^\n]{0,600}`,
  "gm",
);

const OLD = new RegExp(
  String.raw`\b(?:CUDA|HIP|XPU) out of memory\. Tried to allocate ${SIZE} \(GPU (\d{1,4}); ${SIZE} total capacity; ` +
    String.raw`${SIZE} already allocated; ${SIZE} free; [^\n)]{0,80}\)?`,
  "gm",
);

const MPS = new RegExp(
  String.raw`\bMPS backend out of memory \(MPS allocated: ${SIZE}, other allocations: ${SIZE}, ` +
    String.raw`max allowed: ${SIZE}\)\. Tried to allocate ${SIZE}[^\n]{0,80}`,
  "gm",
);

/** Allocations of one process are told in two parts: what PyTorch holds, and what it holds idle. */
function readNew(match: RegExpExecArray): Told {
  const [, asked, askedUnit, gpu, total, totalUnit, free, freeUnit, pid, used, usedUnit] = match;
  return known<Told>({
    requestedBytes: bytesOf(asked, askedUnit),
    totalBytes: bytesOf(total, totalUnit),
    freeBytes: bytesOf(free, freeUnit),
    usedBytes: bytesOf(used, usedUnit),
    device: gpu,
    process: pid === undefined ? undefined : { pid: Number(pid) },
  });
}

function readOld(match: RegExpExecArray): Told {
  const [, asked, askedUnit, gpu, total, totalUnit, used, usedUnit, free, freeUnit] = match;
  return known<Told>({
    requestedBytes: bytesOf(asked, askedUnit),
    totalBytes: bytesOf(total, totalUnit),
    usedBytes: bytesOf(used, usedUnit),
    freeBytes: bytesOf(free, freeUnit),
    device: gpu,
  });
}

function readMps([, own, ownUnit, , , limit, limitUnit, asked, askedUnit]: RegExpExecArray): Told {
  return known<Told>({
    requestedBytes: bytesOf(asked, askedUnit),
    usedBytes: bytesOf(own, ownUnit),
    limitBytes: bytesOf(limit, limitUnit),
    device: "mps",
  });
}

export const pytorchRules: readonly Rule[] = [
  { tool: "pytorch-cuda", killer: "gpu", pattern: NEW, read: readNew },
  { tool: "pytorch-cuda-old", killer: "gpu", pattern: OLD, read: readOld },
  {
    tool: "pytorch-cuda",
    killer: "gpu",
    // The driver's own refusal, outside the caching allocator.
    pattern:
      /\b(?:RuntimeError|torch\.(?:cuda\.)?OutOfMemoryError|torch\.AcceleratorError): (?:CUDA|HIP) (?:error: )?out of memory\b(?!\. Tried to allocate)/gm,
  },
  { tool: "pytorch-mps", killer: "gpu", pattern: MPS, read: readMps },
  {
    tool: "pytorch-cpu",
    killer: "allocator",
    pattern:
      /\bDefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate (\d{1,20}) bytes\.(?: Error code \d{1,3})?/gm,
    read: ([, bytes]) => known<Told>({ requestedBytes: bytesOf(bytes, "B") }),
  },
];
