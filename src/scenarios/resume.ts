import { ROUGH_NET } from "../sim/faults.ts";
import type { Ended } from "../sim/process.ts";
import { judgePart } from "./judge.ts";
import { collectAll, judgeStore } from "./judge-store.ts";
import { judgeEmpty } from "./leftovers.ts";
import { CHUNK_BYTES, makeStore, pullIn, type ServedModel, serveModel } from "./model.ts";
import type { Part, Stage } from "./stage.ts";
import type { Scenario } from "./types.ts";

const DISK = { read: 0.001, write: 0.001, sync: 0.01, full: 0.0005 };
const RUNS = 5;
/** Beyond the end of most pulls of 24 chunks. */
const WITHIN_STEPS = 400;
/** What a kill may cost: a chunk of each worker, and what was not written down yet. */
const KILL_LOSES_BYTES: number = 12 * CHUNK_BYTES;
/** What a power cut may cost besides: what was not on the medium yet. */
const CRASH_LOSES_BYTES: number = 20 * CHUNK_BYTES;

/** A pull is killed, its machine loses power, its disk fails; it is given again until it is done. */
export const resume: Scenario = {
  name: "resume",
  title: "a pull that is killed and loses power, given again until it is done",
  invariants: [
    "the last run, which nothing disturbs, comes to its end",
    "after a power cut the tag is there, with the model that was asked for",
    "what was on the medium, and written down, is not fetched again",
    "nobody lied, so no chunk is ever found wrong",
    "nothing unfinished is left in the end",
  ],
  params: { chunks: 24, runs: RUNS },
  setting: () => ({ faults: { net: ROUGH_NET, disk: DISK }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const model = serveModel(stage, 1, stage.param("chunks"), [{ name: "a.example" }]);
    await makeStore(stage);
    // With no other trouble than stops, it can be said how much may be lost.
    if (stage.choose(2) === 0) sim.calm();
    let allowed = model.sizeBytes + CHUNK_BYTES;
    let ended: Ended<unknown> = { kind: "killed" };
    for (let run = 1; run <= stage.param("runs") && ended.kind !== "done"; run++) {
      const part = stage.start("pull");
      const last = run === stage.param("runs");
      if (last) sim.calm();
      const stop = last ? "nothing" : plan(stage, part);
      ended = await pullIn(part, model);
      judgePart(stage, part, ended);
      allowed += stop === "crash" ? CRASH_LOSES_BYTES : KILL_LOSES_BYTES;
    }
    if (ended.kind !== "done") stage.broken("not_done", `the last run has ${ended.kind}`);
    judgeFetched(stage, model, allowed);
    sim.calm();
    await collectAll(stage);
    judgeEmpty(stage);
    sim.crash();
    await judgeStore(stage, { must: [model] });
  },
};

/** What may end this run early. */
function plan(stage: Stage, { started }: Part): "crash" | "kill" | "nothing" {
  switch (stage.choose(3)) {
    case 0:
      return "nothing";
    case 1:
      stage.sim.mayKill(started.process, WITHIN_STEPS);
      return "kill";
    default:
      stage.sim.mayCrash(WITHIN_STEPS);
      return "crash";
  }
}

function judgeFetched(stage: Stage, { served }: ServedModel, allowedBytes: number): void {
  const hindered = [...stage.sim.coverage.counts.keys()].some((name) => /^(net|disk) /.test(name));
  if (!hindered && served.bytes > allowedBytes)
    stage.broken("fetched_again", `${served.bytes} bytes, at most ${allowedBytes} are explained`);
}
