import type { Int } from "../base/ints.ts";
import type { JsonObject } from "../base/json.ts";
import type { OracleResult } from "../oracles/checks.ts";
import type { World } from "../world/world.ts";

/** The version of the files' format. */
export const ATP_CRASHPACK_SCHEMA_VERSION = 1;

/** What packs need of the outside. */
export type PackWorld = Pick<World, "files" | "hash">;

/** An event as a pack holds it: a trace may come from a program that counts in 64 bits. */
export interface PackEvent {
  readonly version: 1;
  readonly seq: Int;
  /** Nanoseconds since the trace began. */
  readonly time_ns: Int;
  readonly kind: string;
  readonly data: JsonObject | null;
}

/** What orders an entry of the ledger; its index unless given. */
export type Timestamp = number | string;

/** What a pack says, without its events: the part that is small. Maps are in the order of their keys' UTF-8 bytes. */
export interface PackFacts {
  readonly schema_version: typeof ATP_CRASHPACK_SCHEMA_VERSION;
  readonly oracle_results: readonly OracleResult[];
  /** One for each result; `null` stands for its index. */
  readonly timestamps: readonly (Timestamp | null)[];
  /** Unsigned 64-bit, by name. */
  readonly seeds: Readonly<Record<string, Int>>;
  readonly artifact_paths: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** All of a pack. */
export interface PackContents extends PackFacts {
  readonly trace_events: readonly PackEvent[];
  /** Of the further files, by artifact path. */
  readonly contents: ReadonlyMap<string, string | Uint8Array>;
}
