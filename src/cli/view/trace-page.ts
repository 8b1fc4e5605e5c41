import { AprError } from "../../base/errors.ts";
import { isU64Value } from "../../base/ints.ts";
import type { Json } from "../../base/json.ts";
import { evidenceLedger } from "../../evidence/ledger.ts";
import { measuredLedger } from "../../evidence/measured.ts";
import { MEASURED_WEIGHTS } from "../../evidence/measured-weights.ts";
import { judgeTransfer } from "../../oracles/judge.ts";
import type { Page } from "../../reports/html/blocks.ts";
import type { SeenEvent } from "../../reports/html/lane-columns.ts";
import { PackPage } from "../../reports/html/pack-page.ts";
import { isObject } from "../../reports/html/read-json.ts";

/** The page of a trace as `--trace` writes it, judged again. Throws AprError `malformed` for what is no list of events. */
export function tracePage(name: string, trace: readonly Json[]): Page {
  const page = new PackPage();
  const events = trace.map(seenEvent).filter((event) => event !== null);
  if (events.length === 0 || events.length < trace.length) {
    throw new AprError(
      "malformed",
      `${name} is no trace: ${trace.length - events.length} entries are no events`,
      {
        hint: "apr pull --trace FILE writes one",
        fields: { code: "not-a-trace" },
      },
    );
  }
  page.add(events);
  const { results, verdicts } = judgeTransfer(trace, { name: "transfer", judged: "captured" });
  return page.page({
    kind: "trace",
    ...{ name, results, verdicts, replay: null, story: null, texts: [] },
    measured: measuredLedger(results, MEASURED_WEIGHTS),
    ledger: evidenceLedger({ results: results.map((result) => ({ result, artifactPath: name })) }),
  });
}

function seenEvent(json: Json): SeenEvent | null {
  if (!isObject(json)) return null;
  const { data = null, kind, time_ns: time } = json;
  if (typeof kind !== "string" || !isU64Value(time)) return null;
  if (data !== null && !isObject(data)) return null;
  return { time_ns: time, kind, data };
}
