import type { Json } from "../base/json.ts";

/** `inconclusive` stands for every missing observation; it is never a pass. */
export type VerdictWord = "pass" | "fail" | "inconclusive";

/** Why a verdict is not a plain pass: a closed code and its structured fields. */
export interface Reason {
  readonly code: string;
  readonly [field: string]: Json;
}

/** What a gate says about its evidence. `yields` holds what else it found, such as a path or a plan. */
export interface Judgement {
  readonly verdict: VerdictWord;
  readonly reason: Reason | null;
  readonly yields?: Readonly<Record<string, Json>>;
}

/** `live`: apr made the observation itself in this run. `captured`: apr was handed a file. */
export type Judged = "live" | "captured";

/** A gate's id: `<contract>/<gate>`. */
export type GateId = string & { readonly __gate: unique symbol };

/** The kind of one evidence field. Numbers are exact up to 2^64-1. */
export type FieldKind =
  | "u64"
  | "integer"
  | "boolean"
  | "string"
  | "strings"
  | "integers"
  | "object"
  | "objects"
  | "any";

export interface Field {
  readonly kind: FieldKind;
  /** One sentence: what it is, with its unit. */
  readonly about: string;
  /** The gate reads it when it is there; without it nothing is missing. */
  readonly optional?: true;
  /** `null` is a value too: looked for and not known. */
  readonly nullable?: true;
  /** The fields inside an `object`, or inside each of `objects`. More keys than these are fine. */
  readonly fields?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

export type Evidence = Readonly<Record<string, Json>>;

/** One pure rule. It reads plain data and nothing else. */
export interface Gate {
  readonly id: GateId;
  readonly contract: string;
  /** The last part of the id. */
  readonly name: string;
  /** `seed`: the rule of the source contract. `strict`: apr's own stronger rule. */
  readonly origin: "seed" | "strict";
  /** The rule in one sentence. */
  readonly rule: string;
  readonly fields: Fields;
  /** Every reason code that it can give. */
  readonly codes: readonly string[];
  /** The command that observes its evidence live; null where it is only judged on captured files. */
  readonly liveIn: string | null;
  /** Gates of the same contract that must pass first when a whole contract is judged. */
  readonly after: readonly string[];
  /** Total: returns a judgement for every evidence whose fields have the declared kinds. */
  readonly judge: (evidence: Evidence) => Judgement;
}

export interface Contract {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly gates: readonly Gate[];
  /** Where the contract's captured file is not itself an evidence object, says how to read it. */
  readonly evidenceOf?: (document: Json) => Evidence;
}

/** A judgement with its place: what every command shows, stores and replays. */
export interface Verdict extends Judgement {
  readonly gate: GateId;
  readonly origin: "seed" | "strict";
  readonly judged: Judged;
}
