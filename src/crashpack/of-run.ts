import type { AprError } from "../base/errors.ts";
import type { Int } from "../base/ints.ts";
import { sortedJson } from "./sorted-json.ts";
import type { Verdict } from "../contracts/types.ts";
import type { TransferJudgement } from "../oracles/judge.ts";
import type { World } from "../world/world.ts";
import { CrashpackBuilder, type TraceSource } from "./builder.ts";
import { keepPack, keepRecent, type Retention } from "./keep.ts";
import { oracleResultsOf } from "./of-verdicts.ts";
import type { AtpCrashpack } from "./pack.ts";
import type { PackContents, PackEvent, PackWorld } from "./types.ts";
import type { Written } from "./write.ts";

/** A run that failed, as it is packed. Nothing in it may be secret, and nothing may be the time of day. */
export interface FailedRun {
  /** The command's words, such as `qa chaos`; its pack's name begins so. */
  readonly command: string;
  /** Of apr. */
  readonly version: string;
  /** Of a transfer: its oracles' results count, and its other gates. */
  readonly judgement?: Pick<TransferJudgement, "results" | "verdicts"> | undefined;
  /** Of any other run. */
  readonly verdicts?: readonly Verdict[];
  readonly trace?: TraceSource | readonly PackEvent[];
  /** What ended the run, where an error did. */
  readonly error?: AprError | undefined;
  /** Unsigned 64-bit. */
  readonly seeds?: Readonly<Record<string, Int>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Further files by name: scenario, choices, observations, a report, stderr. */
  readonly artifacts?: Readonly<Record<string, string | Uint8Array>>;
}

/** Gates whose failures stand in a transfer's results already, in more detail. */
const IN_RESULTS: ReadonlySet<string> = new Set(["atp-transfer/oracle", "atp-transfer/APR-ATP-CLOSING"]);

/** Makes a pack of a failing run. Throws CrashpackError as `CrashpackBuilder.build` does. */
export function packOfRun(run: FailedRun): AtpCrashpack {
  const { command, error, judgement, version } = run;
  const builder = new CrashpackBuilder();
  for (const result of judgement?.results ?? []) builder.withOracleResult(result);
  const others = (judgement?.verdicts ?? []).filter(
    ({ gate, verdict }) => verdict !== "fail" || !IN_RESULTS.has(gate),
  );
  const of = oracleResultsOf([...others, ...(run.verdicts ?? [])]);
  for (const result of of.results) builder.withOracleResult(result);
  const metadata: Record<string, string> = { command, apr_version: version, ...of.metadata, ...run.metadata };
  for (const [key, value] of Object.entries(metadata)) builder.withMetadata(key, value);
  if (error !== undefined) {
    const { kind, message, fields } = error;
    builder.withMetadata("error.kind", kind).withMetadata("error.message", message);
    builder.withMetadata("error.fields", sortedJson({ ...fields }));
  }
  for (const [name, seed] of Object.entries(run.seeds ?? {})) builder.withSeed(name, seed);
  for (const [name, content] of Object.entries(run.artifacts ?? {})) builder.withArtifactPath(name, content);
  return builder.withTrace(run.trace ?? []).build();
}

/** Where packs go, and how many stay there; null clears nothing away. */
export interface KeepPlace {
  readonly folder: string;
  readonly retention: Retention | null;
}

/**
 * Writes a pack into a folder of packs, under a name that begins with `label`, then clears the folder of old ones.
 * Throws CrashpackError, or an error of the disk.
 */
export async function keepInto(
  world: PackWorld & Pick<World, "clock">,
  { folder, retention }: KeepPlace,
  label: string,
  pack: PackContents,
): Promise<Written> {
  const written = await keepPack(world, folder, label, pack);
  if (retention !== null) await keepRecent(world, folder, retention);
  return written;
}

/** Packs a failing run and keeps the pack: see `keepInto`. The run's own failure is the caller's to tell in any case. */
export function keepFailure(
  world: PackWorld & Pick<World, "clock">,
  place: KeepPlace,
  run: FailedRun,
): Promise<Written> {
  return keepInto(world, place, run.command, packOfRun(run));
}
