import type { JsonObject } from "../base/json.ts";
import { Redactor } from "../redact/redactor.ts";
import type { OomCause } from "./cause.ts";

/** What a report tells of the program itself. */
export interface ProgramFacts {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly signal: number | null;
  readonly durationMs: number;
  /** The end of its stderr. */
  readonly stderr: string;
}

/** Variables that decide how much memory a program takes, by the start of their names. All others stay out. */
const TELLING =
  /^(?:PYTORCH_|TORCH_|CUDA_|NVIDIA_|HIP_|ROCR_|GGML_|LLAMA_|OLLAMA_|VLLM_|XLA_|JAX_|TF_|HF_|TRANSFORMERS_|OMP_|MKL_|OPENBLAS_|MALLOC_|LD_PRELOAD$|NODE_OPTIONS$|GOGC$|GOMEMLIMIT$|GODEBUG$|JAVA_TOOL_OPTIONS$|PYTHON)/;
const MAX_VARIABLES = 200;
const MAX_VALUE_CHARS = 2000;
const MAX_WORDS = 1000;
/** Of stderr the report keeps this much, characters: what the program said last. */
const MAX_STDERR_CHARS = 16 * 1024;

/** The text side of a run, with its secrets taken out. */
export class ProgramTexts {
  readonly #redactor: Redactor;
  readonly #facts: ProgramFacts;

  constructor(facts: ProgramFacts) {
    this.#facts = facts;
    this.#redactor = new Redactor(facts.env);
    this.#redactor.learnWords(facts.argv);
    this.#redactor.learn(facts.stderr);
  }

  text(text: string): string {
    return this.#redactor.redact(text);
  }

  words(words: readonly string[]): string[] {
    return this.#redactor
      .redactWords(words.slice(0, MAX_WORDS))
      .map((word) => word.slice(0, MAX_VALUE_CHARS));
  }

  /** The `program` block of a report. */
  program(): JsonObject {
    const { argv, pid, signal, durationMs, stderr, env } = this.#facts;
    // Redacted whole, then cut: a secret that the cut goes through would not be known.
    return {
      argv: this.words(argv),
      pid,
      signal,
      duration_ms: Math.round(durationMs),
      environment: this.#environment(env),
      stderr_end: this.text(stderr).slice(-MAX_STDERR_CHARS),
    };
  }

  #environment(env: ProgramFacts["env"]): JsonObject {
    const telling = Object.entries(env).filter(([name, value]) => value !== undefined && TELLING.test(name));
    return Object.fromEntries(
      telling.slice(0, MAX_VARIABLES).map(([name, value]) => {
        const [word = ""] = this.#redactor.redactWords([`${name}=${value}`]);
        return [name, word.slice(name.length + 1, name.length + 1 + MAX_VALUE_CHARS)];
      }),
    );
  }
}

/** A cause without the secrets in its command and its message. */
export function redactedCause(cause: OomCause, texts: ProgramTexts): OomCause {
  const { process, message } = cause;
  return {
    ...cause,
    ...(process?.command === undefined
      ? {}
      : { process: { ...process, command: texts.words(process.command) } }),
    ...(message === undefined ? {} : { message: texts.text(message) }),
  };
}
