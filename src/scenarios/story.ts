import type { Choice } from "../sim/choices.ts";
import { type ChoiceKind, NET_FAULTS, type NetFault } from "../sim/faults.ts";
import type { ScenarioRun } from "./run-types.ts";

const NET_WORDS: Readonly<Record<NetFault, string>> = {
  refused: "was refused",
  dns: "found no address",
  unreachable: "found no way there",
  silent: "was never answered",
  reset: "was cut before its answer came",
  cut: "was cut in its body",
  stall: "stood still in its body",
  flip: "brought some wrong bytes",
  other: "brought the body of another file",
  busy: "was answered with 503",
  wait: "was answered with 503 and a time to wait",
  limit: "was answered with 429 and a time to wait",
  short: "brought a body that ended early, as its length said",
  length: "told a length that its body did not have",
  etag: "brought a new version of the file",
  whole: "brought the whole file in place of a range",
  slow: "came slowly",
  garbage: "was answered with something that is no HTTP",
  partition: "began a while in which nobody reached the host",
  death: "was the last one that reached the host",
};

const LEFT = ["all", "none", "a beginning", "any part"] as const;

/** Kinds whose choices are told together, in one line each. */
const TOGETHER: Readonly<Partial<Record<ChoiceKind, (which: string, count: number) => string>>> = {
  order: (which, count) =>
    count === 1
      ? `call ${which} of the world took longer than usual`
      : `${count} calls of the world took longer than usual: ${which}`,
  random: (which) => `the random numbers ${which} were chosen`,
  place: (which) => `where or for how long a fault hits was chosen ${which}`,
  listing: (which) => `a folder told its names in another order: listing ${which}`,
};
const MAX_NUMBERS = 8;

/**
 * A run in a few lines of plain words: each choice that was not the harmless one, and what came of it. Meant for a
 * run that was minimized; a long one is told in numbers.
 */
export function storyOf(run: ScenarioRun): readonly string[] {
  const { choices, notes, violations } = run;
  const lines: string[] = [];
  const told = new Set<ChoiceKind>();
  for (const [index, choice] of choices.entries()) {
    const together = TOGETHER[choice.kind];
    if (together === undefined) {
      lines.push(choiceWords(choice, notes.get(index)));
    } else if (!told.has(choice.kind)) {
      told.add(choice.kind);
      const all = choices.filter(({ kind }) => kind === choice.kind);
      lines.push(together(numbers(all), all.length));
    }
  }
  if (choices.length === 0) lines.push("nothing failed and nothing came late");
  for (const { detail, process, type } of violations.slice(0, MAX_NUMBERS)) {
    lines.push(`then ${type}${process === null ? "" : ` in process ${process}`}: ${detail}`);
  }
  return lines;
}

/** One choice in plain words; `about` is what the run noted of it. */
function choiceWords({ kind, nth, value }: Choice, about: string | undefined): string {
  const which = ordinal(nth + 1);
  switch (kind) {
    case "net": {
      const fault = NET_FAULTS[value - 1];
      return `${about ?? `the ${which} request`} ${fault === undefined ? "failed" : NET_WORDS[fault]}`;
    }
    case "disk-read":
    case "disk-write":
    case "disk-sync": {
      const call = kind.slice("disk-".length);
      const why = kind === "disk-write" && value === 2 ? "found the disk full" : "failed";
      return `the ${which} ${call} of the disk ${why}${about === undefined ? "" : `: ${about}`}`;
    }
    case "crash":
      return `the machine stopped ${value} calls after its ${which} chance to`;
    case "kill":
      return `a process was stopped ${value} calls after its ${which} chance to be`;
    case "crash-data":
      return `of the ${which} file with unsynced content, ${LEFT[value] ?? "some"} of it was left`;
    case "crash-names":
      return `of the unsynced names at the ${which} stop, ${LEFT[value] ?? "some"} of them were left`;
    case "crash-write":
      return `of the ${which} unsynced write, ${value} quarters were lost`;
    case "crash-name":
      return `the ${which} unsynced change of a name was lost`;
    default:
      return TOGETHER[kind]?.(String(nth + 1), 1) ?? `the ${which} choice of the ${kind} was ${value}`;
  }
}

function numbers(choices: readonly Choice[]): string {
  const shown = choices.slice(0, MAX_NUMBERS).map(({ nth }) => String(nth + 1));
  const more = choices.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

function ordinal(number: number): string {
  const last = number % 10;
  const teens = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teens ? "th" : (["th", "st", "nd", "rd"][last] ?? "th")}`;
}
