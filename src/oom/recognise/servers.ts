import { bytesOf, known, SIZE } from "./sizes.ts";
import type { Rule, Told } from "./types.ts";

// Source of the wordings: vllm/v1/core/kv_cache_utils.py and vllm/v1/worker of vLLM; XLA's BFC allocator.

const NUMBER = String.raw`(\d[\d.]{0,20})`;

export const serverRules: readonly Rule[] = [
  { tool: "vllm-cache", killer: "gpu", pattern: /\bNo available memory for the cache blocks\b/gm },
  {
    tool: "vllm-startup",
    killer: "gpu",
    pattern: new RegExp(
      String.raw`\bFree memory on device (?:(\w{1,20}:\d{1,4}) )?\(${NUMBER}/${NUMBER} GiB\) on startup is less than ` +
        String.raw`desired GPU memory utilization \(${NUMBER}, ${NUMBER} GiB\)`,
      "gm",
    ),
    read: ([, device, free, total, , asked]) =>
      known<Told>({
        requestedBytes: bytesOf(asked, "GiB"),
        freeBytes: bytesOf(free, "GiB"),
        totalBytes: bytesOf(total, "GiB"),
        device,
      }),
  },
  {
    tool: "vllm-seqlen",
    killer: "gpu",
    pattern: new RegExp(
      String.raw`\bmax seq len \(\d{1,12}\), \(?${NUMBER} GiB KV cache is needed, which is larger than the available ` +
        String.raw`KV cache memory \(${NUMBER} GiB\)`,
      "gm",
    ),
    read: ([, asked, free]) =>
      known<Told>({ requestedBytes: bytesOf(asked, "GiB"), freeBytes: bytesOf(free, "GiB") }),
  },
  {
    tool: "jax",
    killer: "gpu",
    pattern: new RegExp(
      String.raw`\bRESOURCE_EXHAUSTED: [^\n]{0,120}?\b(?:Out of memory|Ran out of memory)\b` +
        String.raw`(?: (?:while trying to allocate|allocating) ${SIZE})?`,
      "gm",
    ),
    read: ([, asked, unit]) => known<Told>({ requestedBytes: bytesOf(asked, unit) }),
  },
  {
    tool: "jax-bfc",
    killer: "gpu",
    pattern: new RegExp(
      String.raw`\bFailed to allocate request for ${SIZE} \((\d{1,20})B\) on device ordinal (\d{1,4})`,
      "gm",
    ),
    read: ([, , , exact, device]) => known<Told>({ requestedBytes: bytesOf(exact, "B"), device }),
  },
];
