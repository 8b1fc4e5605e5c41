/** What kind of engine a command is, as far as apr can tell. */
export type EngineKind = "llama.cpp" | "python" | "ollama" | "node-llama-cpp" | "program";

/** What a build says of itself without being run. */
export interface EngineBuild {
  /** The command's words, as they were given. */
  readonly engine: string;
  readonly kind: EngineKind;
  /** The file that was looked at; null where there is none. */
  readonly path: string | null;
  /** The build has CUDA kernels. Null where that cannot be seen from outside. */
  readonly cuda: boolean | null;
  /** The CUDA that it was built for, such as `12.4` or `12`; null where it does not say. */
  readonly builtFor: string | null;
  /** CUDA libraries that it is linked with or loads, as found. */
  readonly libraries: readonly string[];
  /** One sentence: how this was seen. */
  readonly evidence: string;
}

/** What a build said when it was asked for its devices. */
export interface EngineAnswer {
  /** The command that asked, as a shell line; null where the engine cannot be asked. */
  readonly command: string | null;
  /** True or false as the engine sees it; null where it did not answer. */
  readonly runtime: boolean | null;
  /** Each `index:name`. */
  readonly devices: readonly string[];
  /** What it says of its own CUDA; null where it does not. */
  readonly cuda: boolean | null;
  readonly builtFor: string | null;
  readonly versions: Readonly<Record<string, string>>;
  /** Why there is no answer or no device, in one line. */
  readonly note: string | null;
}
