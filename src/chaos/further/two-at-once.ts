import { shellQuote } from "../../base/shellwords.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** Two runs at the same moment, with one output. When one of them says that it worked, the output is whole. */
export function twoAtOnce({ lines, reproduction, clean }: Ground): readonly Case[] {
  if (clean.output === null) return [];
  const both = (first: string, second: string): string =>
    `${first} & o=$!; ${second}; s=$?; wait $o; t=$?; if [ $t = 0 ]; then s=0; fi; (exit $s)`;
  return [
    {
      name: "two-at-once",
      title: "two runs on one output",
      which: "",
      reproduce: reproduction.script(both('"$@"', '"$@"')),
      line: ({ station }) => {
        const [out, err] = [station.stdoutFile, station.stderrFile].map((file) => shellQuote([file]));
        const run = lines.after("", station, [], `>>${out} 2>>${err} </dev/null`);
        return `{ :>${out}; :>${err}; ${both(run, run)}; }`;
      },
      terms: () => ({ proof: "two runs began at the same moment", stdoutCounts: false }),
    },
  ];
}
