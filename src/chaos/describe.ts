import { formatBytes, formatDuration } from "../base/units.ts";
import { ABSENT, type ContentState, sameContent } from "../observe/content.ts";
import { signalName } from "../observe/gnu-time.ts";
import type { Member } from "../observe/tree.ts";
import type { Bindings } from "./template.ts";

/** What one run showed, as far as words need it. */
export interface Seen {
  readonly run: {
    readonly exitCode: number | null;
    readonly signal: number | null;
    readonly timedOut: boolean;
    readonly durationMs: number;
    readonly stderr: { readonly text: string };
    readonly orphans: readonly Pick<Member, "name">[];
  };
  readonly output: ContentState | null;
  readonly strays: readonly string[];
  readonly state: readonly string[];
}

/** What a run is held against. */
interface Yardstick<Run extends Seen> {
  readonly baseline: { readonly output: ContentState | null };
  readonly slot: { bindings(force: string): Bindings };
  newStrays(done: Run): string[];
}

const MESSAGE_LENGTH = 120;
/** Words that name a fault, best first. */
const TROUBLE = [
  /no space|out of memory|memory exhausted|MemoryError|bad_alloc|cannot allocate/i,
  /exists|cannot|error|fail/i,
];

/** How a run ended, in plain words: `exit 1, "cp: error writing …", left a 32 MiB partial file`. */
export function describe<Run extends Seen>(
  lab: Yardstick<Run>,
  done: Run,
  before: ContentState = ABSENT,
): string {
  const parts = [ending(done), said(lab, done), outputChange(lab, done, before)];
  const strays = lab.newStrays(done);
  if (strays.length > 0)
    parts.push(`left ${strays.length === 1 ? "" : `${strays.length} stray paths: `}${strays[0]}`);
  if (done.state.length > 0) parts.push("kept unfinished work");
  if (done.run.orphans.length > 0) parts.push(`left ${done.run.orphans[0]?.name} running`);
  return parts.filter((part) => part !== "").join(", ");
}

function ending({ run }: Seen): string {
  if (run.timedOut) return `still running after ${formatDuration(run.durationMs)}, killed`;
  if (run.signal !== null) return `ended by ${signalName(run.signal)} (${run.exitCode})`;
  return `exit ${run.exitCode}`;
}

/** The last line of stderr that names the trouble, else the last line. A signal owes no message. */
function said({ slot }: Pick<Yardstick<Seen>, "slot">, { run }: Seen): string {
  const lines = run.stderr.text.trimEnd().split("\n");
  const named = TROUBLE.map((words) => lines.findLast((text) => words.test(text)));
  const line = (named.find((text) => text !== undefined) ?? lines.at(-1) ?? "").trim();
  if (line === "") return run.signal === null && run.exitCode !== 0 ? "no message" : "";
  const short = withPlaceholders(slot, line);
  return `"${short.length > MESSAGE_LENGTH ? `${short.slice(0, MESSAGE_LENGTH)}…` : short}"`;
}

/** The sandbox's paths as the person wrote them. */
function withPlaceholders(slot: Yardstick<Seen>["slot"], line: string): string {
  const { model, out, tmp } = slot.bindings("");
  const shown = model === "" ? line : line.replaceAll(model, "{model}");
  return shown.replaceAll(out, "{out}").replaceAll(tmp, "{tmp}");
}

function outputChange(
  { baseline }: Pick<Yardstick<Seen>, "baseline">,
  { output, run }: Seen,
  before: ContentState,
): string {
  if (output === null) return "";
  const whole = baseline.output;
  if (before.kind !== "absent") {
    const same = sameContent(before, output) && before.inode === output.inode;
    if (same) return `kept the existing ${before.kind}`;
    return output.kind === "absent"
      ? `removed the existing ${before.kind}`
      : `replaced the existing ${before.kind}`;
  }
  if (output.kind === "absent") return run.exitCode === 0 ? "wrote no output" : "left no output";
  if (whole !== null && sameContent(whole, output)) return "left the whole output";
  const size = formatBytes(output.size_bytes);
  if (run.exitCode === 0)
    return `wrote ${size} where a clean run writes ${formatBytes(whole?.size_bytes ?? 0)}`;
  return output.size_bytes === 0
    ? `left an empty ${output.kind}`
    : `left a partial ${output.kind} of ${size}`;
}
