import type { LedgerDocument } from "../../evidence/ledger.ts";
import type { MeasuredLedger } from "../../evidence/measured.ts";
import type { Verdict } from "../../contracts/types.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import { ChunkMap } from "./chunk-map.ts";
import { gatesTable } from "./gates-table.ts";
import { evidenceBlocks } from "./evidence-blocks.ts";
import { LaneColumns, type SeenEvent } from "./lane-columns.ts";

/** What a page of a crashpack, or of one trace, is made from. */
export interface PackView {
  readonly kind: "crashpack" | "trace";
  readonly name: string;
  /** Where gates said more than the oracles' results do. */
  readonly verdicts?: readonly Verdict[];
  readonly ledger: LedgerDocument;
  /** What its checks were measured to be worth. */
  readonly measured: MeasuredLedger;
  readonly results: readonly {
    readonly oracle_name: string;
    readonly passed: boolean;
    readonly violations: readonly {
      readonly violation_type: string;
      readonly severity: string;
      readonly description: string;
      readonly evidence: Readonly<Record<string, string>>;
    }[];
  }[];
  /** The line that runs it again; null where none can. */
  readonly replay: string | null;
  /** What the minimizer found, in plain words; null where it did not run. */
  readonly story: string | null;
  /** Further files by name: those that are text. */
  readonly texts: readonly (readonly [string, string])[];
}

/** Takes events as they are read, and then makes the page. */
export class PackPage {
  readonly #lanes = new LaneColumns();
  readonly #chunks = new ChunkMap();
  #last: SeenEvent | null = null;

  add(events: readonly SeenEvent[]): void {
    for (const event of events) {
      this.#lanes.add(event);
      this.#chunks.add(event);
      this.#last = event;
    }
  }

  page(view: PackView): Page {
    const { name, results } = view;
    const violations = results.flatMap((result) => result.violations);
    const count = this.#lanes.size.toLocaleString("en-US");
    const types = [...new Set(violations.map(({ violation_type: type }) => type))];
    const { verdicts = [] } = view;
    const failed =
      results.some(({ passed }) => !passed) || verdicts.some(({ verdict }) => verdict === "fail");
    const proven = results.length > 0 && verdicts.every(({ verdict }) => verdict === "pass");
    const chunks = this.#chunks.picture();
    const marks =
      failed && this.#last !== null
        ? [{ timeNs: Number(this.#last.time_ns), label: types[0] ?? "failed" }]
        : [];
    const lanes = this.#lanes.picture(
      "What happened when",
      `${count} events, on one lane for each source and task. ${marks.length === 0 ? "" : "The red line is where the run was judged."}`,
      marks,
    );
    return {
      title: `${view.kind} ${name}`,
      finding: failed
        ? `${types.join(", ") || "a gate failed"} in ${count} events`
        : `${unviolated(view, count)}${proven ? "" : "; not all of it is proven"}`,
      verdict: failed ? "fail" : proven ? "pass" : "inconclusive",
      blocks: [
        ...(view.story === null ? [] : [{ kind: "code", label: "the story", text: view.story } as const]),
        ...(view.replay === null
          ? []
          : [{ kind: "code", label: "how to replay it", text: view.replay } as const]),
        ...violationBlocks(view),
        ...(verdicts.length === 0 ? [] : [gatesTable(verdicts)]),
        { kind: "picture", picture: lanes },
        ...(chunks === null ? [] : [{ kind: "picture", picture: chunks } as const]),
        ...evidenceBlocks(view.ledger, view.measured),
        factsOf(view),
        ...view.texts.map(
          ([label, text]): Block => ({
            kind: "details",
            summary: label,
            blocks: [{ kind: "code", label, text }],
          }),
        ),
      ],
    };
  }
}

/** A run that ended in an error broke no contract: the error is what a person wants to read. */
function unviolated({ ledger }: PackView, count: string): string {
  const error = ledger.metadata["error.message"];
  return error === undefined
    ? `nothing was violated in ${count} events`
    : `${error}; no contract was broken in ${count} events`;
}

function violationBlocks({ results }: PackView): Block[] {
  const rows = results.flatMap(({ oracle_name: name, violations }) =>
    violations.map((each): Cell[] => [
      { text: each.violation_type, verdict: "fail" },
      each.severity,
      each.description,
      name,
      Object.entries(each.evidence)
        .map(([key, value]) => `${key}=${value}`)
        .join(" "),
    ]),
  );
  if (rows.length === 0) return [];
  const columns = ["violation", "severity", "what", "oracle", "evidence"].map((title) => ({ title }));
  return [{ kind: "table", caption: "Violations", columns, rows }];
}

function factsOf({ ledger }: PackView): Block {
  const seeds = Object.entries(ledger.seeds).map(([name, value]): [string, Cell] => [
    `seed ${name}`,
    String(value),
  ]);
  const rows = [
    ...seeds,
    ...Object.entries(ledger.metadata).map(([name, value]): [string, Cell] => [name, value]),
  ];
  if (rows.length === 0) return { kind: "text", text: "No facts beside the events were kept." };
  return { kind: "section", title: "Facts", blocks: [{ kind: "facts", rows }] };
}
