import type { Int } from "../base/ints.ts";
import type { Json, JsonNumber, JsonObject } from "../base/json.ts";
import type { Evidence, Field, FieldKind, Fields, Gate, GateId, Judgement, Reason } from "./types.ts";

interface KindValue {
  readonly u64: number | bigint | JsonNumber;
  readonly integer: Int;
  readonly boolean: boolean;
  readonly string: string;
  readonly strings: readonly string[];
  readonly integers: readonly Int[];
  readonly object: JsonObject;
  readonly objects: readonly JsonObject[];
  readonly any: Json;
}

type Plain<F extends Field> = F extends { kind: "object"; fields: infer N extends Fields }
  ? EvidenceOf<N>
  : F extends { kind: "objects"; fields: infer N extends Fields }
    ? readonly EvidenceOf<N>[]
    : F extends { kind: infer K extends FieldKind }
      ? KindValue[K]
      : never;

type Value<F extends Field> =
  | Plain<F>
  | (F extends { nullable: true } ? null : never)
  | (F extends { optional: true } ? undefined : never);

/** What a gate's `judge` may rely on: the declared fields with their declared kinds. */
export type EvidenceOf<F extends Fields> = { readonly [K in keyof F]: Value<F[K]> };

interface GateSpec<F extends Fields> {
  readonly name: string;
  readonly origin: "seed" | "strict";
  readonly rule: string;
  readonly fields: F;
  readonly codes: readonly string[];
  readonly after?: readonly string[];
  readonly judge: (evidence: EvidenceOf<F>) => Judgement;
}

/** Returns the function that makes the gates of one contract. */
export function gatesOf(
  contract: string,
  liveIn: string | null = null,
): <const F extends Fields>(spec: GateSpec<F>) => Gate {
  return (spec) => ({
    id: `${contract}/${spec.name}` as GateId,
    contract,
    name: spec.name,
    origin: spec.origin,
    rule: spec.rule,
    fields: spec.fields,
    codes: spec.codes,
    liveIn,
    after: spec.after ?? [],
    // The runner checks every field's kind first, which is what the narrower type says.
    judge: spec.judge as unknown as (evidence: Evidence) => Judgement,
  });
}

const PASSED: Judgement = { verdict: "pass", reason: null };

export function pass(yields?: JsonObject): Judgement {
  return yields === undefined ? PASSED : { verdict: "pass", reason: null, yields };
}

export function fail(code: string, fields?: JsonObject, yields?: JsonObject): Judgement {
  return judgement("fail", code, fields, yields);
}

export function inconclusive(code: string, fields?: JsonObject): Judgement {
  return judgement("inconclusive", code, fields, undefined);
}

function judgement(
  verdict: "fail" | "inconclusive",
  code: string,
  fields: JsonObject | undefined,
  yields: JsonObject | undefined,
): Judgement {
  const reason: Reason = fields === undefined ? { code } : { code, ...fields };
  return yields === undefined ? { verdict, reason } : { verdict, reason, yields };
}
