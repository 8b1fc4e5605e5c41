import { printable } from "../../reports/printable.ts";
import { findScenario } from "../../scenarios/registry.ts";
import type { Swept } from "../../scenarios/sweep.ts";
import type { SweepDocument } from "../../scenarios/sweep-file.ts";
import { table } from "../store/table.ts";
import { reproduction } from "./scenarios.ts";

/** For people; `--json` has all that are kept. */
const MAX_SHOWN = 10;

/** What a sweep has come to: a row a scenario, the coverage, and each failure with its one-line reproduction. */
export function sweepText({ scenarios }: SweepDocument): string {
  const rows = scenarios.map(({ scenario, tally }) => [
    scenario,
    tally.seeds.toLocaleString("en-US"),
    String(tally.violated),
    String(Object.keys(tally.coverage).length),
    String(Object.keys(tally.states).length),
  ]);
  const head = ["SCENARIO", "SEEDS", "BROKEN", "FAULTS", "FAULTS × STATES"];
  return `${table([head, ...rows], [1, 2, 3, 4])}${scenarios.map(failures).join("")}`;
}

function failures({ params, scenario, tally }: Swept): string {
  const lines = tally.failures.slice(0, MAX_SHOWN).map(({ detail, seed, type }) => {
    const found = findScenario(scenario);
    const again = found === null ? `${scenario} --seed ${seed}` : reproduction(found, params, seed);
    return `  BROKEN  ${printable(type)}: ${printable(detail).slice(0, 200)}\n          ${printable(again)}\n`;
  });
  const more = tally.violated - lines.length;
  return `${lines.join("")}${more > 0 ? `          and ${more} more seeds of ${printable(scenario)}\n` : ""}`;
}

/** Broken seeds of all scenarios. */
export function violatedIn({ scenarios }: SweepDocument): number {
  return scenarios.reduce((sum, { tally }) => sum + tally.violated, 0);
}
