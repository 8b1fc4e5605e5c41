import { readFileSync } from "node:fs";
import { parseJson } from "../../../src/base/json.ts";
import { CrashpackBuilder } from "../../../src/crashpack/builder.ts";
import type { PackContents } from "../../../src/crashpack/types.ts";

/** What the input.json of a vector holds. */
export type VectorInput = Pick<
  PackContents,
  "oracle_results" | "trace_events" | "seeds" | "artifact_paths" | "metadata"
>;

export function vectorText(name: string, file: string): string {
  return readFileSync(new URL(`../../vectors/crashpack/${name}/${file}`, import.meta.url), "utf8");
}

export function vectorInput(name: string): VectorInput {
  return parseJson(vectorText(name, "input.json")) as unknown as VectorInput;
}

/** A builder with all of an input; each further file gets its own path as content. */
export function builderOf(input: VectorInput): CrashpackBuilder {
  const builder = new CrashpackBuilder().withTrace(input.trace_events);
  for (const result of input.oracle_results) builder.withOracleResult(result);
  for (const [name, seed] of Object.entries(input.seeds)) builder.withSeed(name, seed);
  for (const path of input.artifact_paths) builder.withArtifactPath(path, path);
  for (const [key, value] of Object.entries(input.metadata)) builder.withMetadata(key, value);
  return builder;
}
