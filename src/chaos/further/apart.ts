import { shellQuote } from "../../base/shellwords.ts";
import type { Worker } from "../sweep/bench.ts";
import type { Lines } from "../sweep/lines.ts";

// A namespace for one run: what is mounted in it ends with it.

const NAMESPACE = ["unshare", "-Urm", "sh", "-c"];

/** Words that run a command after `mount` in a namespace of its own. `args` are the script's `$1`, `$2` and so on, in quotes. */
export function apartWords(script: string, args: readonly string[]): string {
  const rest = args.length === 0 ? "" : ` ${args.join(" ")}`;
  return `${NAMESPACE.join(" ")} '${script}' sh${rest}`;
}

/** The line of such a run; a mark in the notes shows that the mount came about. */
export function apartLine(lines: Lines, { station }: Worker, mount: string, args: readonly string[]): string {
  const mark = shellQuote([markFile(station.slot.notesFolder)]);
  const shift = args.length === 0 ? "" : `shift ${args.length} && `;
  const script = `${mount} && : >${mark} && ${shift}exec "$@"`;
  return lines.after(`rm -f ${mark}`, station, [...NAMESPACE, script, "sh", ...args]);
}

export function wasMounted({ station }: Worker): boolean {
  return station.slot.world.quick.facts(station.host(markFile(station.slot.notesFolder))) !== null;
}

function markFile(notes: string): string {
  return `${notes}/mounted`;
}
