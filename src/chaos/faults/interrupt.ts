import { formatDuration } from "../../base/units.ts";
import { ABSENT } from "../../observe/content.ts";
import type { Attempt } from "../attempt.ts";
import { describe } from "../describe.ts";
import {
  clean,
  exitCodeOf,
  type Fault,
  type Finding,
  fired,
  noSilentLoss,
  notTried,
  outputIntact,
  recovers,
} from "../finding.ts";
import { acceptable, type Lab } from "../lab.ts";

/** Parts of a clean run's time after which SIGINT is sent. */
const POINTS = [0.25, 0.5, 0.75] as const;
/** A run that was over too soon is tried again this many times, each time at half the delay. */
const RETRIES = 4;

/** F-CHAOS-003: Ctrl-C at three points of the run, to the whole process group. */
export const interrupt: Fault = {
  id: "F-CHAOS-003",
  title: "interrupt",
  async run(lab) {
    const findings: Finding[] = [];
    for (const point of POINTS) {
      const found = await interruptAt(lab, lab.baseline.run.durationMs * point);
      if (found !== null) findings.push(found);
    }
    if (findings.length > 0) return findings;
    return notTried({ code: "not-fired" }, "ended before the signal could be sent", reproduction(lab, 0));
  },
};

async function interruptAt(lab: Lab, plannedMs: number): Promise<Finding | null> {
  let afterMs = plannedMs;
  for (let attempt = 0; attempt <= RETRIES; attempt++) {
    await lab.slot.reset();
    const done = await lab.attempt({ interrupt: { signal: "SIGINT", afterMs }, keepLeft: true });
    if (done.run.interrupt?.delivered === true) return finding(lab, done, afterMs);
    afterMs = attempt === RETRIES - 1 ? 0 : afterMs / 2;
  }
  return null;
}

async function finding(lab: Lab, done: Attempt, afterMs: number): Promise<Finding> {
  const happened = describe(lab, done);
  const gates = [...outputIntact(done, ABSENT), clean(lab, done), await noSilentLoss(lab, done)];
  const recovery = await lab.recover();
  const recovered = recovery.exit_code === 0 && acceptable(recovery);
  const responseMs = Math.round(done.run.interrupt?.responseMs ?? done.run.durationMs);
  return {
    evidence: { exit_code: exitCodeOf(done), response_time_ms: responseMs, cache_corrupt: !recovered },
    strict: [
      fired(true, `SIGINT sent ${Math.round(afterMs)} ms after the command began, while it was running`),
      ...gates,
      recovers(recovery),
    ],
    fired: true,
    happened: `${happened}, ${formatDuration(responseMs)} after SIGINT${recovered ? "" : ", a clean run afterwards fails"}`,
    reproduce: reproduction(lab, afterMs),
    attempt: done,
  };
}

function reproduction(lab: Lab, afterMs: number): string {
  const seconds = Math.max(0.001, afterMs / 1000).toFixed(3);
  return lab.reproduction.with(
    (command) =>
      `timeout --foreground --preserve-status -s INT ${seconds} ${command}; echo "exit $?"; ls -l "$d"/*`,
  );
}
