// Lines as programs write them on a good day, many of them with words that also stand in out-of-memory messages.

/** Figures and names that a template's `#` and `@` become. */
const NAMES = [
  "alpha",
  "kv_cache",
  "train",
  "web-7",
  "room",
  "zoom",
  "bloom-7b",
  "groom",
  "loader",
  "oom_test",
];

const TEMPLATES = [
  "# INFO @ step=# loss=0.# lr=3e-0#",
  "no room left in zone @, booking # others",
  "zoom @ joined, # in the room",
  "Room OOM booked for # people by @",
  "[@] OOM score adjusted to #",
  "oom_score_adj:0 set for @ (pid #)",
  "oom_killer=off for @",
  "oom-killer is enabled, threshold # percent",
  "memory: #.5 GiB used, #.2 GiB free of #.0 GiB",
  "GPU 0: #.12 GiB / 15.77 GiB, utilization # %",
  "allocating # MiB on device 0",
  "allocated # MiB for @",
  "llama_model_load: allocating # buffers",
  "ggml_backend_cuda_buffer_type_alloc_buffer: allocating #.00 MiB on device 0: ok",
  "ggml_vulkan: Device memory allocation of size # succeeded",
  "llm_load_tensors: CPU buffer size = #.00 MiB",
  "memory allocation of # bytes succeeded",
  "test @: memory allocation of # bytes failed as expected",
  "@.py:#:     except MemoryError:",
  "@.py:#:     raise MemoryError from error",
  "# handled MemoryError in @ and went on",
  "retrying @ after a MemoryError would be pointless",
  "class OutOfMemoryError in @ has # subclasses",
  "docs: how to avoid 'CUDA out of memory' in @, part #",
  "see the chapter on CUDA out of memory errors, page #",
  "out of memory tests: # passed in @",
  "# out of # memory slots in use",
  "the page pool was out of memory pages of kind @ # times, refilled",
  "std::bad_alloc is caught in @.cpp line #",
  "catch (const std::bad_alloc&) // @ #",
  "Available memory for the cache blocks: # MiB",
  "Free memory on device cuda:# (#.77/22.05 GiB) on startup is enough",
  "model requires # GiB of system memory, # GiB are available",
  "Maximum seq len (#), #.0 GiB KV cache is reserved",
  "rpc @: RESOURCE_EXHAUSTED: quota exceeded for project #",
  "grpc status RESOURCE_EXHAUSTED: Received message larger than max (# vs #)",
  "Allocator (GPU_0_bfc) has # chunks in bin @",
  "Failed to allocate port # for @",
  "failed to allocate an address of pool @: # in use",
  "Killed process # (@) on request of its user",
  "process # (@) exited with status 0",
  "@.service: Deactivated successfully after # s.",
  "@.service: Failed with result 'exit-code'.",
  "@.service: Consumed #.5s CPU time.",
  "Mark-Compact #.1 (42.2) -> #.0 (41.5) MB, 3.1 / 0.0 ms",
  "heap limit of @ is # MB",
  "Reached heap limit warning level in @, # MB used",
  "FATAL ERROR: @ is not configured (#)",
  "fatal error: runtime: @ not found (#)",
  "cannot allocate tty # for @",
  "tried to allocate seat # for @",
  "Insufficient Memory warning dismissed by @ at #",
  "DefaultCPUAllocator: allocated # bytes",
  "peak memory # MiB, allocator @",
  "#%|██████    | #/1000 [00:#<01:#, 3.1it/s] @",
  "\rDownloading @: #% of 4.7 GB at 98 MB/s",
  '{"level":"info","msg":"mem ok","name":"@","bytes":#}',
  '10.0.0.# - - "GET /@?q=out+of+memory HTTP/1.1" 200 #',
  "memcached: # items evicted from @, out of slab memory pages reused",
  "cgroup @: memory.max = #, memory.current = #",
  "Memory cgroup @ created, limit #kB",
  "swap: # kB free, swappiness 60 (@)",
  "kernel: [#.123] eth0: link up, @",
  "malloc_trim released # bytes for @",
  "virtual memory of @: # kB",
  "the memory of @ was exhausted by # guests, said the innkeeper",
];

/** `count` lines, the same for the same seed. */
export function ordinaryLines(count: number, seed: number): string[] {
  let state = seed;
  const next = (below: number): number => {
    // Numerical Recipes' linear congruential generator: enough for picking figures.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  return Array.from({ length: count }, (_, index) =>
    (TEMPLATES[index % TEMPLATES.length] ?? "")
      .replaceAll("#", () => String(next(100_000)))
      .replaceAll("@", () => NAMES[next(NAMES.length)] ?? ""),
  );
}
