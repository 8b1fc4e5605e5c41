import { sameContent } from "../../observe/content.ts";
import type { Bench } from "../attempt.ts";
import { cleanUp, traceOf } from "./after.ts";
import { type Clean, type Shot, takeShot } from "./bench.ts";
import { watchedCalls } from "./catalogue.ts";
import type { Lines } from "./lines.ts";
import type { Station } from "./station.ts";

/** What clean runs showed: the yardstick, and the logs of their system calls where those can be watched. */
export interface CleanRuns {
  readonly clean: Clean;
  readonly first: Shot;
  /** Exit codes of all clean runs: one that is not 0 makes everything inconclusive. */
  readonly exitCode: number | null;
  readonly logs: readonly [string, string] | null;
}

/** Two clean runs, watched where that is possible, and one that nothing slows down. */
export async function cleanRuns(
  station: Station,
  lines: Lines,
  bench: Bench,
  options: { readonly watch: boolean; readonly timeoutMs: number },
): Promise<CleanRuns> {
  const runOnce = async (line: string): Promise<Shot> => {
    const ran = await station.run(line, options.timeoutMs, bench.abort);
    const shot = await takeShot(station, ran, null);
    await cleanUp(station, shot.after);
    return shot;
  };
  const line = (): string => (options.watch ? lines.watched(station, watchedCalls()) : lines.plain(station));
  const logs: string[] = [];
  const shots: Shot[] = [];
  for (let run = 0; run < 2; run++) {
    const shot = await runOnce(line());
    shots.push(shot);
    logs.push(options.watch ? traceOf(station) : "");
    if (shot.run.exitCode !== 0) break;
  }
  const [first, second = first] = shots;
  if (first === undefined || second === undefined) throw new Error("no clean run was made");
  const plain =
    first.run.exitCode === 0 && second.run.exitCode === 0 ? await runOnce(lines.plain(station)) : first;
  const bad = [first, second, plain].find(({ run }) => run.exitCode !== 0);
  const slowest = Math.max(first.run.durationMs, second.run.durationMs, plain.run.durationMs);
  return {
    clean: cleanOf(first, second, plain, Math.min(options.timeoutMs, Math.max(10_000, slowest * 10))),
    first: bad ?? first,
    exitCode: bad === undefined ? 0 : bad.run.exitCode,
    logs: options.watch ? [logs[0] ?? "", logs[1] ?? ""] : null,
  };
}

function cleanOf(first: Shot, second: Shot, plain: Shot, timeoutMs: number): Clean {
  const names = [first, second, plain].map(({ strays }) => new Set(strays));
  const all = new Set(names.flatMap((each) => [...each]));
  const changing = [...all].filter((path) => !names.every((each) => each.has(path)));
  const stdout = first.after.stdout;
  const steady = [second, plain].every(({ after }) => after.stdout.sha256 === stdout.sha256);
  const files =
    first.output === null || second.output === null || plain.output === null
      ? null
      : sameContent(first.output, second.output) && sameContent(first.output, plain.output);
  return {
    output: first.output,
    deterministic: files ?? (stdout.sizeBytes > 0 ? steady : null),
    sizeSteady:
      first.output !== null &&
      [second, plain].every(({ output }) => output?.size_bytes === first.output?.size_bytes),
    stdout,
    stdoutSteady: steady,
    strays: all,
    messyFolders: new Set(changing.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))))),
    durationMs: plain.run.durationMs,
    timeoutMs,
  };
}
