import { type OomCause } from "../../oom/cause.ts";
import { judgeDeath, succeeded } from "../../oom/death.ts";
import { ProgramTexts } from "../../oom/program-facts.ts";
import { EXIT } from "../../base/errors.ts";
import { overall } from "../../contracts/judge.ts";
import { printable } from "../../reports/printable.ts";
import { nodeSupervisor } from "../../world/node/supervisor.ts";
import { isTerminal } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext } from "../context.ts";
import type { RunFlags } from "./run-flags.ts";
import { deathEvidence } from "./evidence.ts";
import { buildReport } from "./build-report.ts";
import { judgeLive } from "./judge-live.ts";
import type { Ran } from "./ran.ts";
import { type Findings, writeDocument } from "./run-document.ts";
import { summaryOf } from "./summary.ts";
import { writeReports } from "./write-reports.ts";

/** Finds out whether a program ran out of memory, and tells of it. Gives the exit code of apr. */
export async function lookInto(context: AprContext, flags: RunFlags, ran: Ran): Promise<number> {
  const cause = judgeDeath(deathEvidence(nodeSupervisor, ran));
  const texts = new ProgramTexts({
    ...{ argv: ran.argv, env: ran.env, pid: ran.pid, signal: ran.end.signal, durationMs: ran.durationMs },
    stderr: ran.stderr?.text() ?? "",
  });
  const findings = cause === null ? NOTHING : await tellOf(context, flags, ran, cause, texts);
  if (flags.report !== undefined) await writeDocument(context, flags.report, ran, texts, findings);
  const refused = flags.strictExit && ran.exitCode === 0 && overall(findings.verdicts) === "fail";
  return refused ? EXIT.failed : ran.exitCode;
}

const NOTHING: Findings = { cause: null, handled: false, report: null, copy: null, verdicts: [] };

async function tellOf(
  context: AprContext,
  flags: RunFlags,
  ran: Ran,
  cause: OomCause,
  texts: ProgramTexts,
): Promise<Findings> {
  const handled = succeeded(ran.end);
  const found = { ...NOTHING, cause, handled };
  const lineStart = ran.stderr?.atLineStart === false ? "\n" : "";
  if (handled && !flags.strictExit) {
    context.err(
      `${lineStart}apr: the program met an out-of-memory (${cause.tool}) and still ended with 0; --strict-exit reports that\n`,
    );
    return found;
  }
  // An `apr run` inside this one has told already: a second line would name a second report of the same death.
  const [told] = ran.stderr?.breadcrumbs() ?? [];
  if (told !== undefined) return { ...found, report: told };
  const { report, text } = await buildReport(nodeWorld, ran, cause, texts);
  const placed = await writeReports(nodeWorld, {
    text,
    reportDir: flags.reportDir,
    wallMs: ran.startedWallMs + ran.durationMs,
  });
  for (const problem of placed.problems)
    context.err(`${lineStart}apr: ${printable(problem.message)}\n     ${problem.hint}\n`);
  if (placed.path === null) return { ...found, copy: placed.copy };
  const line = `${lineStart}OOM_REPORT path=${placed.path}\n`;
  context.err(line);
  if (isTerminal(2)) context.err(summaryOf(report, placed.path));
  const stderr = `${ran.stderr?.text() ?? ""}${line}`;
  const verdicts = await judgeLive(nodeWorld, {
    report,
    bytes: Buffer.byteLength(text),
    stderr,
    path: placed.path,
  });
  return { ...found, report: placed.path, copy: placed.copy, verdicts };
}
