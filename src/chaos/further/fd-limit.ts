import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** Under four not even a loader works; over eight few programs notice. */
const LIMITS = [4, 5, 6, 7, 8];

/** Few open files are allowed. */
export function fdLimit({ lines, reproduction, stage }: Ground): readonly Case[] {
  const blind = stage.blind !== null;
  const sh = stage.bench.tools.sh ?? "/bin/sh";
  return LIMITS.map((limit) => {
    const script = `ulimit -n ${limit} && exec "$@"`;
    const words = [sh, "-c", script, "sh"];
    return {
      name: "fd-limit",
      title: "few file descriptors",
      which: String(limit),
      reproduce: reproduction.script(script),
      line: ({ station }) =>
        blind
          ? lines.after("", station, words)
          : lines.traced(station, ["-e", "trace=%desc,%file,%network"], words),
      watch: { kind: "error" },
      terms: (done) => {
        const refused = done.trace.split("\n").find((line) => / = -1 EMFILE\b/.test(line));
        const failed = blind && done.run.exitCode !== 0 ? `at most ${limit} open files, and it failed` : null;
        return { proof: refused?.replace(/^\d+\s+/, "") ?? failed };
      },
    };
  });
}
