import type { JsonObject } from "../../base/json.ts";
import { count, type Is, list, number, orAbsent, record, shape, text, word } from "./shape.ts";

/** What a page shows of a file of `apr sim sweep`. */
export interface SimSweepView {
  readonly apr_version: string;
  /** Decimal; both included. */
  readonly seeds: { readonly from: string; readonly to: string };
  readonly shards: { readonly of: number; readonly in: readonly number[] };
  readonly scenarios: readonly {
    readonly scenario: string;
    readonly params: Readonly<Record<string, number>>;
    readonly tally: {
      readonly seeds: number;
      readonly steps: number;
      readonly violated: number;
      readonly coverage: Readonly<Record<string, number>>;
      /** `fault @ state`, with how often. */
      readonly states: Readonly<Record<string, number>>;
      readonly failures: readonly { readonly seed: string; readonly type: string; readonly detail: string }[];
    };
  }[];
  /** Of one run; a merged file has none. */
  readonly seconds?: number;
  readonly seeds_per_second?: number;
}

const params: Is = (json) => record(count)(json) && Object.keys(json ?? {}).every(word);

const tally = shape({
  ...{ seeds: count, steps: count, violated: count, coverage: record(count), states: record(count) },
  failures: list(shape({ seed: word, type: text, detail: text })),
});

const document = shape({
  kind: (json) => json === "apr-sim-sweep",
  schema_version: (json) => json === 1,
  apr_version: text,
  seeds: shape({ from: text, to: text }),
  shards: shape({ of: count, in: list(count) }),
  scenarios: list(shape({ scenario: word, params, tally })),
  ...{ seconds: orAbsent(number), seeds_per_second: orAbsent(number) },
});

/** The file as its own type; null where any field has another one. */
export function asSimSweep(json: JsonObject): SimSweepView | null {
  return document(json) ? (json as unknown as SimSweepView) : null;
}
