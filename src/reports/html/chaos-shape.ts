import type { JsonObject } from "../../base/json.ts";
import type { ChaosReport } from "../../contracts/chaos-report.ts";
import { isObject } from "./read-json.ts";
import { flag, gate, list, number, orNull, reason, shape, text, verdict, word } from "./shape.ts";

const fault = shape({
  ...{ id: text, title: text, fired: flag, reproduce: text, happened: text, why: text, duration_ms: number },
  contract: shape({ verdict, reason: orNull(reason) }),
  strict: shape({ verdict, reasons: list(reason) }),
  evidence: (json) => isObject(json),
  notes: list(reason),
  flaky: orNull(shape({ pass: number, fail: number, inconclusive: number })),
  gates: list(gate),
});

const report = shape({
  ...{ command: list(word), verdict, duration_ms: number, exit_code: number, faults: list(fault) },
  model: orNull(shape({ path: text, bytes: number })),
  state: orNull(text),
  sandbox: shape({ confined: flag, notes: list(text) }),
  baseline: shape({
    ...{ exit_code: orNull(number), duration_ms: number, stderr: text },
    ...{ peak_rss_bytes: orNull(number), peak_rss_method: orNull(text) },
    ...{ peak_tree_bytes: orNull(number), peak_tree_method: orNull(text) },
    ...{ deterministic: orNull(flag), output_bytes: orNull(number) },
  }),
});

/** The report as its own type; null where any field has another one: a file may say that it is one and be anything. */
export function asChaosReport(json: JsonObject): ChaosReport | null {
  return report(json) ? (json as unknown as ChaosReport) : null;
}
