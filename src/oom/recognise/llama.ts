import { bytesOf, known, SIZE } from "./sizes.ts";
import type { Rule, Told, Tool } from "./types.ts";

// Source of the wordings: ggml/src of llama.cpp, and Ollama's llm/server.go.

const BACKENDS: Readonly<Record<string, Tool>> = {
  CUDA: "llama.cpp-cuda",
  ROCm: "llama.cpp-rocm",
  Vulkan: "llama.cpp-vulkan",
  Metal: "llama.cpp-metal",
  MTL: "llama.cpp-metal",
  CPU: "llama.cpp-cpu",
};

/** `failed to allocate CUDA0 buffer of size 1024`: one rule a backend, since the backend is the tool. */
const bufferRules: readonly Rule[] = Object.entries(BACKENDS).map(([backend, tool]) => ({
  tool,
  killer: tool === "llama.cpp-cpu" ? "allocator" : "gpu",
  pattern: new RegExp(
    String.raw`\b\w{1,60}: failed to allocate (${backend}\w{0,10}) buffer of size (\d{1,20})\b`,
    "gm",
  ),
  read: ([, device, bytes]) => known<Told>({ requestedBytes: bytesOf(bytes, "B"), device }),
}));

export const llamaRules: readonly Rule[] = [
  {
    tool: "llama.cpp-cuda",
    killer: "gpu",
    // The second line tells the exact size; the first one rounds it to a hundredth of a MiB.
    pattern: new RegExp(
      String.raw`\bggml_backend_cuda_buffer_type_alloc_buffer: allocating (\d[\d.]{0,20}) MiB on device (\d{1,4}): ` +
        String.raw`cudaMalloc failed: out of memory(?:\r?\n[^\n]{0,120}failed to allocate \w{1,20} buffer of size (\d{1,20}))?`,
      "gm",
    ),
    read: ([, mebibytes, device, exact]) =>
      known<Told>({
        requestedBytes: exact === undefined ? bytesOf(mebibytes, "MiB") : bytesOf(exact, "B"),
        device,
      }),
  },
  ...bufferRules,
  { tool: "llama.cpp-cuda", killer: "gpu", pattern: /^CUDA error: out of memory\b/gm },
  {
    tool: "llama.cpp-vulkan",
    killer: "gpu",
    pattern: /\bggml_vulkan: Device memory allocation of size (\d{1,20}) failed/gm,
    read: ([, bytes]) => known<Told>({ requestedBytes: bytesOf(bytes, "B") }),
  },
  {
    tool: "llama.cpp-metal",
    killer: "gpu",
    pattern: /\bInsufficient Memory \(00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory\)/gm,
  },
  {
    tool: "llama.cpp-cpu",
    killer: "allocator",
    pattern: /\bggml_aligned_malloc: insufficient memory \(attempted to allocate {1,8}(\d[\d.]{0,20}) MB\)/gm,
    read: ([, mebibytes]) => known<Told>({ requestedBytes: bytesOf(mebibytes, "MiB") }),
  },
  {
    tool: "ollama",
    killer: "runtime",
    pattern: new RegExp(
      String.raw`\bmodel requires more system memory \(${SIZE}\) than is available \(${SIZE}\)`,
      "gm",
    ),
    read: ([, asked, askedUnit, free, freeUnit]) =>
      known<Told>({ requestedBytes: bytesOf(asked, askedUnit), freeBytes: bytesOf(free, freeUnit) }),
  },
];
