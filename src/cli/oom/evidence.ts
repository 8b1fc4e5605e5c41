import type { DeathEvidence } from "../../oom/death.ts";
import { recognise } from "../../oom/recognise/recognise.ts";
import type { Recognised } from "../../oom/recognise/types.ts";
import type { Supervisor } from "../../world/supervise.ts";
import type { Ran } from "./ran.ts";

/** The kernel's log has a clock of its own, which may be off by this much. A process id does not come again so soon. */
const CLOCK_SLACK_MS = 60_000;

/** All that tells how a program ended, for `judgeDeath`. */
export function deathEvidence(supervisor: Pick<Supervisor, "kernelLog">, ran: Ran): DeathEvidence {
  const { record, end } = ran;
  return {
    exitCode: end.exitCode,
    signal: end.signal,
    words: ran.stderr?.words() ?? [],
    kernel: kernelKills(supervisor, ran.startedUptimeMs),
    groups: record.groups,
    processes: record.processes,
    largest: record.largest,
    limits: record.limits,
  };
}

/** Kills that the kernel logged since the program was started; null where its log may not be read. */
function kernelKills(
  supervisor: Pick<Supervisor, "kernelLog">,
  startedUptimeMs: number | null,
): readonly Recognised[] | null {
  const records = supervisor.kernelLog();
  if (records === undefined || startedUptimeMs === null) return null;
  const recent = records.filter(({ atMs }) => atMs >= startedUptimeMs - CLOCK_SLACK_MS);
  return recognise(recent.map(({ text }) => text).join("\n"));
}
