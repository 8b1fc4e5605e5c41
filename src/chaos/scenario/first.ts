import type { Json } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { SweepReport } from "../../contracts/sweep-report.ts";

/** What a first scenario is made from. */
interface FirstSubject {
  readonly command: readonly string[];
  readonly output: string | undefined;
  readonly state: string | undefined;
  readonly check: string | undefined;
  readonly budgetMs: number | null;
  readonly modelPath: string | undefined;
  readonly made: { readonly sizeBytes: number } | null;
}

/** A scenario with one subject, in which everything that fails today is known until a day. */
export function firstScenario(subject: FirstSubject, report: SweepReport, until: string): Json {
  const { command, output, state, check, budgetMs, modelPath, made } = subject;
  const optional = { model: modelPath ?? modelOf(made), output, state, check };
  const given = Object.entries(optional).filter((pair): pair is [string, Json] => pair[1] !== undefined);
  const known = report.findings.map(({ id, first }) => ({
    finding: id,
    reason: `there when this file was made: ${first.happened}`,
    until,
  }));
  return {
    version: 1,
    subjects: [
      {
        command: [...command],
        ...Object.fromEntries(given),
        budget: budgetMs === null ? "none" : `${budgetMs}ms`,
        ...(known.length === 0 ? {} : { known }),
      },
    ],
  };
}

function modelOf(made: FirstSubject["made"]): Json | undefined {
  return made === null ? undefined : { size: formatBytes(made.sizeBytes).replace(" ", "") };
}
