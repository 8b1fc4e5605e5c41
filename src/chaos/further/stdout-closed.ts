import { shellQuote } from "../../base/shellwords.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** stdout is a pipe that nobody reads any more: writing gives SIGPIPE, or EPIPE where that is ignored. */
export function stdoutClosed({ lines, reproduction, clean }: Ground): readonly Case[] {
  if (clean.stdout.sizeBytes === 0) return [];
  // A reader must be there while the pipe is opened for writing; then it goes.
  const pipe = (path: string): string => `rm -f ${path} && mkfifo ${path} && exec 9<>${path} 8>${path} 9<&-`;
  return [
    {
      name: "stdout-closed",
      title: "stdout on a closed pipe",
      which: "",
      reproduce: reproduction.script(`${pipe('"$0"')} && exec "$@" >&8 8>&-`, '"$d"/pipe'),
      line: ({ station }) => {
        const [out, err] = [station.stdoutFile, station.stderrFile].map((file) => shellQuote([file]));
        const fifo = shellQuote([`${station.slot.notesFolder}/pipe`]);
        return lines.after(`:>${out} && ${pipe(fifo)}`, station, [], `>&8 8>&- 2>${err} </dev/null`);
      },
      // Whoever closed the pipe wanted no more of it: no message is owed, and nothing of stdout is lost.
      terms: () => ({
        proof: "stdout is a pipe without a reader",
        injected: false,
        stdoutCounts: false,
      }),
    },
  ];
}
