import { shellQuote } from "../../base/shellwords.ts";
import type { Block, Cell, Page } from "./blocks.ts";
import type { GridPicture } from "./pictures.ts";
import type { SimSweepView } from "./sim-shape.ts";

type Swept = SimSweepView["scenarios"][number];

/** Between a fault and what it hit. */
const AT = " @ ";
const LEVELS = ["once", "2 to 9 times", "10 to 99 times", "100 times and more"];
const MAX_SIDE = 500;

/** The page of a sweep over seeds: what broke, how to see it again, and which faults hit what. */
export function simPage(name: string, view: SimSweepView): Page {
  const { scenarios, seeds, shards } = view;
  const ran = scenarios.reduce((sum, { tally }) => sum + tally.seeds, 0);
  const broken = scenarios.reduce((sum, { tally }) => sum + tally.violated, 0);
  const missing = shards.of - shards.in.length;
  return {
    title: `apr sim sweep: ${name}`,
    finding: `${broken} of ${ran.toLocaleString("en-US")} runs broke something, in ${scenarios.length} scenarios`,
    verdict: broken > 0 ? "fail" : ran === 0 || missing > 0 ? "inconclusive" : "pass",
    blocks: [
      {
        kind: "facts",
        rows: [
          ["seeds", `${seeds.from} to ${seeds.to}`],
          ["version of apr", view.apr_version],
          ["shards", `${shards.in.length} of ${shards.of}${missing > 0 ? ": the others are missing" : ""}`],
          ...(view.seeds_per_second === undefined
            ? []
            : [["seeds a second", view.seeds_per_second.toLocaleString("en-US")] as const]),
        ],
      },
      overview(scenarios),
      ...defects(scenarios),
      ...scenarios.map(
        (swept): Block => ({ kind: "section", title: swept.scenario, blocks: coverageBlocks(swept) }),
      ),
    ],
  };
}

function overview(scenarios: readonly Swept[]): Block {
  const titles = ["runs", "broken", "faults that hit", "faults × states", "steps a run"];
  return {
    kind: "table",
    caption: "Scenarios",
    columns: [{ title: "scenario" }, ...titles.map((title) => ({ title, numeric: true }))],
    rows: scenarios.map(({ scenario, tally }): Cell[] => [
      scenario,
      tally.seeds.toLocaleString("en-US"),
      { text: String(tally.violated), verdict: tally.violated > 0 ? "fail" : "pass" },
      String(Object.keys(tally.coverage).length),
      String(Object.keys(tally.states).length),
      tally.seeds === 0 ? "" : Math.round(tally.steps / tally.seeds).toLocaleString("en-US"),
    ]),
  };
}

function defects(scenarios: readonly Swept[]): Block[] {
  const rows = scenarios.flatMap(({ params, scenario, tally }) =>
    tally.failures.map(({ detail, seed, type }): Cell[] => [
      { text: type, verdict: "fail" },
      detail,
      shellQuote([
        ...["apr", "sim", "run", scenario, "--seed", seed],
        ...Object.entries(params).flatMap(([key, value]) => [`--${key}`, String(value)]),
      ]),
    ]),
  );
  if (rows.length === 0) return [];
  const columns = ["broken", "what", "to see it again"].map((title) => ({ title }));
  const broken = scenarios.reduce((sum, { tally }) => sum + tally.violated, 0);
  const rest = broken - rows.length;
  return [
    { kind: "table", caption: "What was found", columns, rows },
    ...(rest > 0 ? [{ kind: "text", text: `${rest} more seeds are counted, not named` } as const] : []),
  ];
}

function coverageBlocks({ tally }: Swept): Block[] {
  const grid = coverageGrid(tally);
  const columns = [{ title: "fault" }, { title: "times", numeric: true }];
  const rows = Object.entries(tally.coverage).map(([fault, times]): Cell[] => [fault, String(times)]);
  return [
    ...(grid === null ? [] : [{ kind: "picture", picture: grid } as const]),
    {
      kind: "details",
      summary: `${rows.length} faults by how often they hit`,
      blocks: [{ kind: "table", caption: "Faults that hit", columns, rows }],
    },
  ];
}

/** Faults down, states across. What was hit twice as often is no other colour: what matters is what was never hit. */
function coverageGrid({ coverage, states }: Swept["tally"]): GridPicture | null {
  const pairs = Object.entries(states).flatMap(([pair, times]) => {
    const at = pair.indexOf(AT);
    return at === -1 ? [] : [{ fault: pair.slice(0, at), state: pair.slice(at + AT.length), times }];
  });
  if (pairs.length === 0) return null;
  const faults = [...new Set([...Object.keys(coverage), ...pairs.map(({ fault }) => fault)])];
  const columns = [...new Set(pairs.map(({ state }) => state))].sort();
  const rowOf = new Map(faults.slice(0, MAX_SIDE).map((fault, at) => [fault, at]));
  const columnOf = new Map(columns.slice(0, MAX_SIDE).map((state, at) => [state, at]));
  const rows = [...rowOf.keys()].map((label) => ({ label, cells: new Int16Array(columnOf.size).fill(-1) }));
  for (const { fault, state, times } of pairs) {
    const [cells, column] = [rows[rowOf.get(fault) ?? -1]?.cells, columnOf.get(state)];
    if (cells !== undefined && column !== undefined && times > 0) cells[column] = levelOf(times);
  }
  const hit = rows.reduce((sum, { cells }) => sum + cells.filter((each) => each >= 0).length, 0);
  const all = rows.length * columnOf.size;
  const left = faults.length - rowOf.size + columns.length - columnOf.size;
  return {
    ...{ kind: "grid", title: "Faults × states", categories: LEVELS, rows },
    columns: [...columnOf.keys()],
    summary: `${hit} of ${all} pairs of a fault and what the program was doing were hit; what stays empty never was. ${left > 0 ? `${left} more faults or states are not drawn.` : ""}`,
  };
}

function levelOf(times: number): number {
  if (times === 1) return 0;
  return times < 10 ? 1 : times < 100 ? 2 : 3;
}
