import { isU64Value, type Int } from "../base/ints.ts";
import type { OracleResult } from "../oracles/checks.ts";
import { CrashpackError } from "./errors.ts";
import { SEVERITIES } from "./journal-text.ts";
import { MAX_EVENTS, MAX_FILES, MAX_RESULTS } from "./limits.ts";
import { nameInTheWay, nameProblem, PACK_FILES } from "./names.ts";
import { AtpCrashpack } from "./pack.ts";
import { ATP_CRASHPACK_SCHEMA_VERSION, type PackEvent, type Timestamp } from "./types.ts";
import { sortedPairs } from "./utf8-order.ts";

/** Anything that holds events in order; a TraceBuffer does. */
export interface TraceSource {
  readonly events: readonly PackEvent[];
}

/** Collects what goes into a crashpack. Every `with…` returns the builder itself; what is wrong is told by `build`. */
export class CrashpackBuilder {
  readonly #results: OracleResult[] = [];
  readonly #timestamps: (Timestamp | null)[] = [];
  #events: readonly PackEvent[] = [];
  readonly #seeds = new Map<string, Int>();
  readonly #paths = new Set<string>();
  readonly #contents = new Map<string, string | Uint8Array>();
  readonly #metadata = new Map<string, string>();

  /** `timestamp` orders the ledger's entry; its index unless given. */
  withOracleResult(result: OracleResult, timestamp: Timestamp | null = null): this {
    this.#results.push(result);
    this.#timestamps.push(timestamp);
    return this;
  }

  /** The last one given counts. */
  withTrace(trace: TraceSource | readonly PackEvent[]): this {
    this.#events = "events" in trace ? trace.events : trace;
    return this;
  }

  /** An unsigned 64-bit seed; of a name given twice the last one counts. */
  withSeed(name: string, seed: Int): this {
    this.#seeds.set(name, seed);
    return this;
  }

  /**
   * Names a further file. A pack is only written when every such file has its content, given here or by another call
   * for the same path. A path named twice stands once, at its first place.
   */
  withArtifactPath(path: string, content?: string | Uint8Array): this {
    this.#paths.add(path);
    if (content !== undefined) this.#contents.set(path, content);
    return this;
  }

  withMetadata(key: string, value: string): this {
    this.#metadata.set(key, value);
    return this;
  }

  /** Throws CrashpackError `bad-seed`, `bad-result`, `bad-path` or `too-large`. Events are looked at when they are written. */
  build(): AtpCrashpack {
    for (const [name, seed] of this.#seeds) checkSeed(name, seed);
    if (this.#results.length > MAX_RESULTS) {
      throw new CrashpackError("too-large", `${this.#results.length} results, more than ${MAX_RESULTS}`);
    }
    for (const result of this.#results) checkResult(result);
    const paths = [...this.#paths];
    checkPaths(paths);
    if (this.#events.length > MAX_EVENTS) {
      throw new CrashpackError("too-large", `${this.#events.length} events, more than ${MAX_EVENTS}`);
    }
    return new AtpCrashpack({
      schema_version: ATP_CRASHPACK_SCHEMA_VERSION,
      oracle_results: [...this.#results],
      timestamps: [...this.#timestamps],
      trace_events: this.#events,
      seeds: Object.fromEntries(sortedPairs(Object.fromEntries(this.#seeds))),
      artifact_paths: paths,
      metadata: Object.fromEntries(sortedPairs(Object.fromEntries(this.#metadata))),
      contents: new Map(this.#contents),
    });
  }
}

function checkSeed(name: string, seed: Int): void {
  if (isU64Value(seed) && (typeof seed === "bigint" || Number.isSafeInteger(seed))) return;
  throw new CrashpackError(
    "bad-seed",
    `the seed ${JSON.stringify(name.slice(0, 64))} is no unsigned 64-bit integer that is exact: ${seed}`,
    [],
    "give large ones as bigint",
  );
}

function checkResult({ oracle_name: name, stats, violations }: OracleResult): void {
  const counts = [stats.entities_tracked, stats.events_recorded];
  const bad = counts.some((count) => !Number.isSafeInteger(count) || count < 0)
    ? "has a count that is none"
    : violations.every(({ severity }) => SEVERITIES.includes(severity))
      ? null
      : "has a violation of an unknown severity";
  if (bad === null) return;
  throw new CrashpackError("bad-result", `the result of ${JSON.stringify(name.slice(0, 64))} ${bad}`);
}

function checkPaths(paths: readonly string[]): void {
  for (const path of paths) {
    const why = nameProblem(path);
    if (why !== null) {
      throw new CrashpackError("bad-path", `the artifact path ${JSON.stringify(path.slice(0, 128))} ${why}`);
    }
  }
  const inTheWay = nameInTheWay(paths);
  if (inTheWay !== null) {
    throw new CrashpackError(
      "bad-path",
      `${JSON.stringify(inTheWay)} is a file, and a folder of another one`,
    );
  }
  if (paths.length > MAX_FILES - PACK_FILES.length - 1) {
    throw new CrashpackError("too-large", `${paths.length} further files are too many for a pack`);
  }
}
