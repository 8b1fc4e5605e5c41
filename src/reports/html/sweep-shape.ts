import type { JsonObject } from "../../base/json.ts";
import type { Reason, Verdict, VerdictWord } from "../../contracts/types.ts";
import { isObject } from "./read-json.ts";
import {
  count,
  flag,
  gate,
  list,
  number,
  orAbsent,
  orNull,
  reason,
  record,
  shape,
  text,
  verdict,
  word,
} from "./shape.ts";

/** What a page shows of a report of `apr qa sweep`. */
export interface SweepView {
  readonly command: readonly string[];
  readonly verdict: VerdictWord;
  readonly model: { readonly path: string; readonly bytes: number } | null;
  readonly sandbox: { readonly confined: boolean; readonly notes: readonly string[] };
  readonly baseline: {
    readonly exit_code: number | null;
    readonly duration_ms: number;
    readonly deterministic: boolean | null;
    readonly output_bytes: number | null;
    readonly stderr: string;
  };
  readonly blind: Reason | null;
  readonly counts: {
    readonly total: number;
    readonly passed: number;
    readonly failed: number;
    readonly inconclusive: number;
    readonly not_reached: number;
    readonly not_tried: number;
  };
  readonly unreached: readonly string[];
  /** Points that were handled well; a report may leave them out. */
  readonly passed_points?: readonly string[];
  readonly unclear_points?: readonly string[];
  readonly further: readonly {
    readonly name: string;
    readonly title: string;
    readonly verdict: VerdictWord;
    readonly tried: number;
    readonly failed: number;
    readonly reasons: readonly Reason[];
  }[];
  readonly findings: readonly SweepFindingView[];
  readonly setup: string;
  readonly inconclusive: readonly { readonly reason: Reason; readonly points: number }[];
  readonly sweep_ms: number;
  readonly packs: Readonly<Record<string, string>>;
}

export interface SweepFindingView {
  readonly id: string;
  readonly class: string;
  readonly severity: string;
  readonly where: string;
  readonly codes: readonly string[];
  readonly first: SweepMemberView;
  readonly points: number;
  readonly members: readonly SweepMemberView[];
  readonly repeats: { readonly tried: number; readonly same: number };
  readonly line: string;
  readonly reproduce: string;
  readonly why: string;
  readonly verdicts: readonly Verdict[];
  readonly known: string | null;
}

export interface SweepMemberView {
  readonly point: string;
  readonly proof: string;
  readonly exit_code: number | null;
  readonly happened: string;
}

const member = shape({ point: text, proof: text, exit_code: orNull(number), happened: text });

const finding = shape({
  ...{ id: text, class: text, severity: text, where: text, line: text, reproduce: text, why: text },
  ...{ codes: list(text), first: member, members: list(member), points: count, known: orNull(text) },
  repeats: shape({ tried: count, same: count }),
  verdicts: list(gate),
});

const report = shape({
  ...{ command: list(word), verdict, setup: text, sweep_ms: number, findings: list(finding) },
  model: orNull(shape({ path: text, bytes: number })),
  sandbox: shape({ confined: flag, notes: list(text) }),
  baseline: shape({
    ...{ exit_code: orNull(number), duration_ms: number, stderr: text },
    ...{ deterministic: orNull(flag), output_bytes: orNull(number) },
  }),
  blind: orNull(reason),
  counts: shape({
    ...{ total: count, passed: count, failed: count },
    ...{ inconclusive: count, not_reached: count, not_tried: count },
  }),
  unreached: list(text),
  ...{ passed_points: orAbsent(list(text)), unclear_points: orAbsent(list(text)) },
  further: list(
    shape({ name: text, title: text, verdict, tried: count, failed: count, reasons: list(reason) }),
  ),
  inconclusive: list(shape({ reason, points: count })),
  packs: record(text),
});

/** The report as its own type; null where any field has another one. */
export function asSweepReport(json: JsonObject): SweepView | null {
  return isObject(json) && report(json) ? (json as unknown as SweepView) : null;
}
