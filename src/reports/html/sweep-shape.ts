import type { JsonObject } from "../../base/json.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";
import { isObject } from "./read-json.ts";
import {
  count,
  flag,
  gate,
  list,
  number,
  orNull,
  reason,
  record,
  shape,
  text,
  verdict,
  word,
} from "./shape.ts";

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
  ...{ passed_points: list(text), unclear_points: list(text) },
  further: list(
    shape({ name: text, title: text, verdict, tried: count, failed: count, reasons: list(reason) }),
  ),
  inconclusive: list(shape({ reason, points: count })),
  packs: record(text),
});

/** The report as its own type; null where any field has another one. */
export function asSweepReport(json: JsonObject): SweepReport | null {
  return isObject(json) && report(json) ? (json as unknown as SweepReport) : null;
}
