import type { SweepFinding, SweepReport } from "../../contracts/sweep-report.ts";
import type { Reason, VerdictWord } from "../../contracts/types.ts";
import { verdictOf } from "../sweep/report.ts";
import type { KnownFailure, Subject } from "./types.ts";

/** What a subject's sweep comes to once its known failures are set aside. */
export interface SubjectOutcome {
  readonly name: string;
  readonly ok: boolean;
  /** What breaks the build, one line each; none when it is ok. */
  readonly problems: readonly string[];
  /** What a person should know and nothing breaks. */
  readonly notes: readonly string[];
  /** Findings that nobody knew. */
  readonly fresh: readonly string[];
  readonly known: readonly string[];
  /** Known ones whose day is past. */
  readonly expired: readonly string[];
  /** Known ones that were not found although everything was tried. */
  readonly fixed: readonly string[];
  /** The sweep with its known findings marked. */
  readonly report: SweepReport;
}

const EXIT_OF: Readonly<Record<VerdictWord, number>> = { pass: 0, fail: 5, inconclusive: 6 };

/** Judges one subject. `today` is `YYYY-MM-DD`. */
export function outcomeOf(subject: Subject, swept: SweepReport, today: string): SubjectOutcome {
  const knownById = new Map(subject.known.map((each) => [each.finding, each]));
  const found = new Set(swept.findings.map(({ id }) => id));
  const expired = subject.known.filter(({ finding, until }) => found.has(finding) && until < today);
  const report = marked(swept, knownById, today);
  const fresh = report.findings.filter(({ known, id }) => known === null && !knownById.has(id));
  const missing = subject.known.filter(({ finding }) => !found.has(finding));
  const whole = swept.counts.not_tried === 0 && swept.verdict !== "inconclusive";
  const fired = swept.counts.passed + swept.counts.failed + swept.counts.inconclusive;
  const problems = [
    ...fresh.map((finding) => `new: ${finding.id}: ${finding.where}: ${finding.first.happened}`),
    ...expired.map(({ finding, until }) => `expired on ${until}: ${finding}`),
    ...(whole ? missing.map(({ finding }) => `fixed, remove it from known: ${finding}`) : []),
    ...verdictProblem(subject, report),
    ...(fired < subject.expect.minFired
      ? [`only ${fired} faults fired, ${subject.expect.minFired} wanted`]
      : []),
  ];
  // Where a failure is what is wanted, findings are no problem of their own.
  const wanted =
    subject.expect.verdict === "fail" ? problems.filter((each) => !each.startsWith("new: ")) : problems;
  return {
    name: subject.name,
    ok: wanted.length === 0,
    problems: wanted,
    notes: whole
      ? []
      : missing.map(({ finding }) => `known and not seen, but not every point was tried: ${finding}`),
    fresh: fresh.map(({ id }) => id),
    known: report.findings.filter(({ known }) => known !== null).map(({ id }) => id),
    expired: expired.map(({ finding }) => finding),
    fixed: whole ? missing.map(({ finding }) => finding) : [],
    report,
  };
}

function marked(report: SweepReport, known: ReadonlyMap<string, KnownFailure>, today: string): SweepReport {
  const findings: SweepFinding[] = report.findings.map((finding) => {
    const entry = known.get(finding.id);
    return entry === undefined || entry.until < today ? finding : { ...finding, known: entry.reason };
  });
  const works = report.baseline.exit_code === 0;
  const verdict = verdictOf(report.counts, works, report.blind, findings);
  return { ...report, findings, verdict, exit_code: EXIT_OF[verdict] };
}

function verdictProblem({ expect }: Subject, { verdict, blind, baseline }: SweepReport): string[] {
  // A failure is told by its findings.
  if (verdict === expect.verdict || (verdict === "fail" && expect.verdict === "pass")) return [];
  const why = [
    ...(blind === null ? [] : [remedyOf(blind)]),
    ...(baseline.exit_code === 0 ? [] : ["the clean run already fails"]),
  ];
  return [`${verdict}, but ${expect.verdict} was expected${why.length === 0 ? "" : ` (${why.join("; ")})`}`];
}

function remedyOf({ code, remedy }: Reason): string {
  return typeof remedy === "string" ? `${code}: ${remedy}` : code;
}
