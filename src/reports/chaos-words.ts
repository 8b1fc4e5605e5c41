import { shellQuote } from "../base/shellwords.ts";
import { formatBytes, formatDuration } from "../base/units.ts";
import type { BaselineReport, ChaosReport, FaultReport } from "../contracts/chaos-report.ts";
import type { VerdictWord } from "../contracts/types.ts";
import { printable } from "./printable.ts";

/** A word that needs no quotes to be read, placeholders included. */
const PLAIN_WORD = /^[\w@%+=:,./{}-]+$/;

/** The command as a person typed it: quoted only where it helps reading. One safe line. */
export function commandText(command: readonly string[]): string {
  return printable(command.map((word) => (PLAIN_WORD.test(word) ? word : shellQuote([word]))).join(" "));
}

/** The model's size and the clean run's figures, in a few words. */
export function factsText(report: ChaosReport): string {
  const model = report.model === null ? [] : [`${formatBytes(report.model.bytes)} model`];
  // Said first: with it, files count as unfinished work that are leftovers without it.
  const state = report.state === null ? [] : [`may keep unfinished work at ${printable(report.state)}`];
  return [...state, ...model, `baseline ${baselineText(report.baseline)}`].join(" · ");
}

function baselineText(baseline: BaselineReport): string {
  if (baseline.exit_code === null) return `still running after ${formatDuration(baseline.duration_ms)}`;
  if (baseline.exit_code !== 0) {
    return `failed with exit ${baseline.exit_code} after ${formatDuration(baseline.duration_ms)}`;
  }
  return [formatDuration(baseline.duration_ms), ...peaks(baseline), ...sameness(baseline.deterministic)].join(
    ", ",
  );
}

function peaks(baseline: BaselineReport): string[] {
  const { peak_rss_bytes: process, peak_rss_method: method, peak_tree_bytes: tree } = baseline;
  const largest =
    process === null
      ? []
      : [`peak ${formatBytes(process)}${method === null ? "" : ` (${printable(method)})`}`];
  // The tree's figure says something new only when it is not the one process again.
  return tree === null || (process !== null && tree <= process * 1.05)
    ? largest
    : [...largest, `whole tree ${formatBytes(tree)}`];
}

function sameness(deterministic: boolean | null): string[] {
  if (deterministic === null) return [];
  return [deterministic ? "same bytes twice" : "different bytes each time"];
}

/** `F-CHAOS-005` and its title as `005 disk full`. */
export function faultText(fault: FaultReport): string {
  return `${fault.id.slice(-3)} ${printable(fault.title)}`;
}

/** What happened, with how the repeats disagreed. */
export function happenedText(fault: FaultReport): string {
  const { flaky } = fault;
  if (flaky === null) return printable(fault.happened);
  const counts = (["pass", "fail", "inconclusive"] as const)
    .filter((verdict) => flaky[verdict] > 0)
    .map((verdict) => `${flaky[verdict]} ${verdict}`);
  return printable(`${fault.happened} [flaky: ${counts.join(", ")}]`);
}

/** The last line's finding: `1 contract failure, 3 strict failures, 1 inconclusive`. */
export function countsText(faults: readonly FaultReport[]): string {
  const count = (side: "contract" | "strict", verdict: VerdictWord): number =>
    faults.filter((fault) => fault[side].verdict === verdict).length;
  const unclear = faults.filter(isInconclusive).length;
  const counts = [
    plural(count("contract", "fail"), "contract failure"),
    plural(count("strict", "fail"), "strict failure"),
    ...(unclear === 0 ? [] : [`${unclear} inconclusive`]),
  ].filter((text) => text !== "");
  if (counts.length > 0) return counts.join(", ");
  return faults.length === 0 ? "no fault was tried" : `all ${plural(faults.length, "fault")} handled well`;
}

function isInconclusive({ contract, strict }: FaultReport): boolean {
  return contract.verdict === "inconclusive" || strict.verdict === "inconclusive";
}

function plural(count: number, noun: string): string {
  if (count === 0) return "";
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
