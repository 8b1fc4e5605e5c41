import type { Int } from "../base/ints.ts";
import type { OracleResult } from "../oracles/checks.ts";
import type { ATP_CRASHPACK_SCHEMA_VERSION, PackContents, PackEvent, PackWorld, Timestamp } from "./types.ts";
import { type Written, writePack } from "./write.ts";

/** A crashpack in memory: made by CrashpackBuilder, or read back by readCrashpack. */
export class AtpCrashpack implements PackContents {
  readonly schema_version: typeof ATP_CRASHPACK_SCHEMA_VERSION;
  readonly oracle_results: readonly OracleResult[];
  readonly timestamps: readonly (Timestamp | null)[];
  readonly trace_events: readonly PackEvent[];
  readonly seeds: Readonly<Record<string, Int>>;
  readonly artifact_paths: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly contents: ReadonlyMap<string, string | Uint8Array>;

  constructor(contents: PackContents) {
    this.schema_version = contents.schema_version;
    this.oracle_results = contents.oracle_results;
    this.timestamps = contents.timestamps;
    this.trace_events = contents.trace_events;
    this.seeds = contents.seeds;
    this.artifact_paths = contents.artifact_paths;
    this.metadata = contents.metadata;
    this.contents = contents.contents;
  }

  /**
   * Writes the pack's files into a new folder, which appears whole or not at all: everything is written and synced
   * beside it first. Folders above it are made. Throws CrashpackError `exists` when anything has that name, `no-content`
   * for an artifact path without content, `bad-event` for an event that JSON cannot hold, `too-large`; errors of the
   * disk as they are.
   */
  emitAtpTrace(world: PackWorld, dir: string): Promise<Written> {
    return writePack(world, this, { at: dir });
  }
}
