import { NO_FAULTS, ROUGH_NET } from "../sim/faults.ts";
import { judgePart } from "./judge.ts";
import { collectAll, judgeStore } from "./judge-store.ts";
import { judgeEmpty } from "./leftovers.ts";
import { makeStore, pullIn, type ServedModel, serveModel } from "./model.ts";
import type { Stage } from "./stage.ts";
import { mayStop } from "./stop.ts";
import type { Scenario } from "./types.ts";

/** Beyond the end of most pulls: a stop may also come too late. */
const WITHIN_STEPS = 320;

/** Ctrl-C at any moment of a pull from two hosts. */
export const cancel: Scenario = {
  name: "cancel",
  title: "a pull from two hosts that is stopped at any moment, and then given again",
  invariants: [
    "it ends within two seconds of the stop, as done or as stopped",
    "no obligation stays open, no worker runs on, every way to a chunk ends once",
    "nothing bears its name afterwards but what the next run goes on from",
    "given again it comes to its end, and nothing unfinished is left",
  ],
  params: { chunks: 18 },
  setting: () => ({ faults: { ...NO_FAULTS, net: ROUGH_NET }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const hosts = [{ name: "a.example" }, { name: "b.example" }];
    const model = serveModel(stage, 1, stage.param("chunks"), hosts);
    // A store that is there, or one that this pull makes and takes back.
    if (stage.choose(2) === 0) await makeStore(stage);
    if (stage.choose(2) === 0) sim.calm();
    const stop = mayStop(stage, WITHIN_STEPS);
    const part = stage.start("pull");
    const ended = await pullIn(part, model, stop.signal);
    judgePart(stage, part, ended);
    stop.judge(part, ended);
    await judgeStore(stage, { must: ended.kind === "done" ? [model] : [], may: [model] });
    await giveAgain(stage, model);
  },
};

async function giveAgain(stage: Stage, model: ServedModel): Promise<void> {
  const part = stage.start("pull");
  const ended = await pullIn(part, model);
  judgePart(stage, part, ended);
  if (ended.kind !== "done") stage.broken("not_done", `given again it has ${ended.kind}`, part.number);
  await collectAll(stage);
  judgeEmpty(stage);
  await judgeStore(stage, { must: [model] });
}
