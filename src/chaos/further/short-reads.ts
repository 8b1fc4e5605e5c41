import { shellQuote } from "../../base/shellwords.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** Writes pieces of this many bytes: a reader gets less than it asks for. */
const PIECE_BYTES = 1000;

/** The model comes through a FIFO, in small pieces. What has no size may rightly be written in another way. */
export function shortReads({ lines, reproduction, stage }: Ground): readonly Case[] {
  if (stage.sandbox.model?.isFile !== true) return [];
  const feed = (from: string, to: string): string => `dd if=${from} of=${to} bs=${PIECE_BYTES} 2>/dev/null`;
  return [
    {
      name: "short-reads",
      title: "short reads from a FIFO",
      which: "",
      reproduce: reproduction.script(
        `mv "$0" "$0".in; mkfifo "$0"; ${feed('"$0".in', '"$0"')} & "$@"; s=$?; kill $!; exit $s`,
        reproduction.model,
      ),
      line: (worker) => {
        const { station } = worker;
        const notes = station.slot.notesFolder;
        const [from, to, fed] = [`${notes}/input`, station.slot.model?.path ?? "", `${notes}/fed`].map(
          (path) => shellQuote([path]),
        );
        const feeder = `(exec 8>${to} && echo opened >${fed} && exec ${feed(from ?? "", "/dev/fd/8")}) </dev/null >/dev/null 2>&1`;
        const start = `rm -f ${fed}; mv ${to} ${from}; mkfifo ${to}; ${feeder} & f=$!`;
        return `{ ${start}; ${lines.plain(station)}; s=$?; kill -9 $f 2>/dev/null; wait $f; rm -f ${to}; mv ${from} ${to}; (exit $s); }`;
      },
      terms: (_done, { station }) => {
        // Who never opened it cannot have read too little.
        const opened = station.slot.world.quick.facts(station.host(`${station.slot.notesFolder}/fed`));
        return {
          proof: opened === null ? null : `the input is a FIFO, fed ${PIECE_BYTES} bytes at a time`,
          otherOutput: true,
          modelTouched: true,
        };
      },
    },
  ];
}
