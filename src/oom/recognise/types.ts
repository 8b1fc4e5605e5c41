/** Who ended the program, or refused it memory. */
export type Killer = "kernel" | "cgroup" | "allocator" | "runtime" | "gpu";

/** The tools and runtimes whose words are known. */
export type Tool =
  | "pytorch-cuda"
  | "pytorch-cuda-old"
  | "pytorch-mps"
  | "pytorch-cpu"
  | "llama.cpp-cuda"
  | "llama.cpp-vulkan"
  | "llama.cpp-metal"
  | "llama.cpp-rocm"
  | "llama.cpp-cpu"
  | "vllm-cache"
  | "vllm-startup"
  | "vllm-seqlen"
  | "jax"
  | "jax-bfc"
  | "ollama"
  | "node"
  | "node-ineffective"
  | "node-buffer"
  | "rust"
  | "c++"
  | "python"
  | "numpy"
  | "cupy"
  | "java"
  | "go"
  | "libc"
  | "kernel-memcg"
  | "kernel-global"
  | "systemd";

/** Byte counts that a message tells. Each is a whole number; what is not told is absent. */
export interface ToldBytes {
  /** What was asked for and refused. */
  readonly requestedBytes?: number;
  readonly freeBytes?: number;
  /** The size of the whole memory, such as a GPU's. */
  readonly totalBytes?: number;
  readonly limitBytes?: number;
  /** What the program had at that moment. */
  readonly usedBytes?: number;
}

/** One out-of-memory message in a text. */
export interface Recognised extends ToldBytes {
  readonly tool: Tool;
  readonly killer: Killer;
  /** The message as it stands, at most 500 characters. */
  readonly text: string;
  /** Where it begins in the text, in characters. */
  readonly offset: number;
  /** As the message names it, such as `0`, `cuda:1` or `CUDA0`. */
  readonly device?: string;
  /** The process that the message names. */
  readonly process?: { readonly pid: number; readonly name?: string };
  /** systemd's unit, or the control group that the kernel names. */
  readonly group?: string;
}

/** What a rule reads from a match: bytes, and who or where. */
export type Told = ToldBytes & Pick<Recognised, "device" | "process" | "group">;

/** One wording of one tool. Patterns need the flags `g` and `m`; every repetition in them is bounded. */
export interface Rule {
  readonly tool: Tool;
  readonly killer: Killer;
  readonly pattern: RegExp;
  /** `before` is the text ahead of the match, at most 8 KiB. */
  readonly read?: (match: RegExpExecArray, before: string) => Told;
  /** False for a match that is no such message after all. */
  readonly when?: (match: RegExpExecArray) => boolean;
}
