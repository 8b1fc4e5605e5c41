import { AprError } from "../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import type { SeedRange, Shard } from "./seeds.ts";
import { parseSeed } from "./seeds.ts";
import type { Swept } from "./sweep.ts";
import { type Failure, MAX_FAILURES, type Tally, together } from "./tally.ts";
import type { Params } from "./run-types.ts";

export const SWEEP_KIND = "apr-sim-sweep";
export const SWEEP_VERSION = 1;

/** What a sweep, or several that were merged, have come to: the content of a sweep file. */
export interface SweepDocument {
  readonly kind: typeof SWEEP_KIND;
  readonly schema_version: typeof SWEEP_VERSION;
  readonly apr_version: string;
  /** Both included; decimal. */
  readonly seeds: { readonly from: string; readonly to: string };
  /** Of how many shards which ones are in it, sorted. */
  readonly shards: { readonly of: number; readonly in: readonly number[] };
  readonly scenarios: readonly Swept[];
}

export function sweepDocument(
  version: string,
  { from, to }: SeedRange,
  { index, of }: Shard,
  scenarios: readonly Swept[],
): SweepDocument {
  return {
    kind: SWEEP_KIND,
    schema_version: SWEEP_VERSION,
    apr_version: version,
    seeds: { from: String(from), to: String(to) },
    shards: { of, in: [index] },
    scenarios,
  };
}

/** Seeds that should have been run by now and were not: shards that are missing, or that ran out of time. */
export function seedsLeft({ scenarios, seeds }: SweepDocument): bigint {
  const all = BigInt(seeds.to) - BigInt(seeds.from) + 1n;
  return scenarios.reduce((sum, { tally }) => sum + all - BigInt(tally.seeds), 0n);
}

/** Puts shards of one sweep together. Throws AprError `malformed` for what is not of one sweep, or is there twice. */
export function mergeSweeps(documents: readonly (readonly [name: string, SweepDocument])[]): SweepDocument {
  const [first, ...others] = documents;
  if (first === undefined) throw new AprError("usage", "nothing to merge");
  let [, merged] = first;
  for (const [name, document] of others) {
    for (const [what, of] of SAME) {
      const [was, is] = [of(merged), of(document)];
      if (was !== is) throw mismatch(name, `${what}: ${is}, where the others have ${was}`);
    }
    const twice = document.shards.in.find((index) => merged.shards.in.includes(index));
    if (twice !== undefined) throw mismatch(name, `shard ${twice}/${merged.shards.of} is there already`);
    merged = {
      ...merged,
      shards: {
        of: merged.shards.of,
        in: [...merged.shards.in, ...document.shards.in].sort((a, b) => a - b),
      },
      scenarios: merged.scenarios.map((swept, index) => ({
        ...swept,
        tally: together(swept.tally, document.scenarios[index]?.tally ?? swept.tally),
      })),
    };
  }
  return merged;
}

/** What shards of one sweep have in common. */
const SAME: readonly (readonly [what: string, of: (document: SweepDocument) => string])[] = [
  ["version of apr", (document) => document.apr_version],
  ["seeds", ({ seeds }) => `${seeds.from}..${seeds.to}`],
  ["number of shards", ({ shards }) => String(shards.of)],
  [
    "scenarios",
    ({ scenarios }) =>
      scenarios.map(({ params, scenario }) => `${scenario} ${paramsText(params)}`).join(", "),
  ],
];

function paramsText(params: Params): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted));
}

function mismatch(name: string, why: string): AprError {
  return new AprError("malformed", `${name} cannot be merged: ${why}`, {
    hint: "merge one file for each shard of one sweep",
    fields: { code: "sweep-mismatch", path: name },
  });
}

/** Reads a sweep file. Throws AprError `malformed`. */
export function readSweep(name: string, text: string): SweepDocument {
  const root = parseJson(text);
  const document = isJsonObject(root) ? documentOf(root) : null;
  if (document !== null) return document;
  throw new AprError("malformed", `${name} is no sweep file of version ${SWEEP_VERSION}`, {
    hint: "apr sim sweep --out FILE writes one",
    fields: { code: "bad-sweep-file", path: name },
  });
}

function documentOf({
  apr_version,
  kind,
  scenarios,
  schema_version,
  seeds,
  shards,
}: JsonObject): SweepDocument | null {
  if (kind !== SWEEP_KIND || schema_version !== SWEEP_VERSION || typeof apr_version !== "string") return null;
  if (!isJsonObject(seeds) || !isJsonObject(shards) || !isJsonArray(scenarios)) return null;
  const [from, to, of, inside] = [seeds["from"], seeds["to"], shards["of"], shards["in"]];
  if (!isSeed(from) || !isSeed(to) || BigInt(from) > BigInt(to) || !isCount(of) || !isJsonArray(inside))
    return null;
  const indexes = inside.filter(isCount);
  if (indexes.length !== inside.length || new Set(indexes).size !== indexes.length) return null;
  if (indexes.some((index) => index >= of)) return null;
  const swept = scenarios.map(sweptOf).filter((each) => each !== null);
  if (swept.length !== scenarios.length) return null;
  return {
    ...{ kind, schema_version, apr_version, seeds: { from, to } },
    shards: { of, in: indexes },
    scenarios: swept,
  };
}

function sweptOf(value: Json): Swept | null {
  if (!isJsonObject(value) || typeof value["scenario"] !== "string") return null;
  const [params, tally] = [countsOf(value["params"]), tallyOf(value["tally"])];
  return params === null || tally === null ? null : { scenario: value["scenario"], params, tally };
}

function tallyOf(value: Json | undefined): Tally | null {
  if (!isJsonObject(value)) return null;
  const { seeds, steps, violated } = value;
  const [coverage, states] = [countsOf(value["coverage"]), countsOf(value["states"])];
  const list = value["failures"];
  if (!isCount(seeds) || !isCount(steps) || !isCount(violated) || coverage === null || states === null)
    return null;
  if (!isJsonArray(list) || list.length > MAX_FAILURES) return null;
  const failures = list.map(failureOf).filter((each) => each !== null);
  if (failures.length !== list.length || violated < failures.length) return null;
  return { seeds, steps, violated, coverage, states, failures };
}

function failureOf(value: Json): Failure | null {
  if (!isJsonObject(value)) return null;
  const { detail, seed, type } = value;
  if (!isSeed(seed) || typeof type !== "string" || typeof detail !== "string") return null;
  return { seed, type, detail };
}

function countsOf(value: Json | undefined): Readonly<Record<string, number>> | null {
  if (!isJsonObject(value)) return null;
  const entries = Object.entries(value).filter((each): each is [string, number] => isCount(each[1]));
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isSeed(value: unknown): value is string {
  try {
    return typeof value === "string" && String(parseSeed(value)) === value;
  } catch {
    return false;
  }
}
