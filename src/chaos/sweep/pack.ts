import type { SweepFinding, SweepReport } from "../../contracts/sweep-report.ts";
import { type FailedRun, keepFailure } from "../../crashpack/of-run.ts";
import { stringifyJson } from "../../base/json.ts";
import type { World } from "../../world/world.ts";

/** More findings than this are one bug seen often: the first ones are packed. */
const MAX_PACKS = 100;

/** Keeps a crashpack of every finding that is not known. Resolves with their paths, by the finding's id. */
export async function packFindings(
  world: World,
  folder: string,
  report: SweepReport,
  version: string,
): Promise<Readonly<Record<string, string>>> {
  const paths: [string, string][] = [];
  for (const finding of report.findings.filter(({ known }) => known === null).slice(0, MAX_PACKS)) {
    const kept = await keepFailure(world, { folder, retention: null }, failedRunOf(finding, report, version));
    paths.push([finding.id, kept.path]);
  }
  return Object.fromEntries(paths);
}

function failedRunOf(finding: SweepFinding, report: SweepReport, version: string): FailedRun {
  const { class: word, first, severity, where } = finding;
  return {
    command: "qa sweep",
    version,
    verdicts: finding.verdicts,
    metadata: {
      "sweep.class": word,
      "sweep.severity": severity,
      "sweep.where": where,
      "sweep.point": first.point,
      "sweep.proof": first.proof,
      "sweep.happened": first.happened,
      "sweep.command": stringifyJson([...report.command]),
    },
    artifacts: {
      "finding.json": `${stringifyJson({ ...finding } as never, 2)}\n`,
      "reproduce.sh": `#!/bin/sh\n# ${word}: ${where.replaceAll("\n", " ")}\n${finding.reproduce}\n`,
    },
  };
}
