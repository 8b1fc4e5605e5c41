import { LYING_NET } from "../sim/faults.ts";
import { judgePart } from "./judge.ts";
import { judgeStore } from "./judge-store.ts";
import { pullIn, serveModel } from "./model.ts";
import type { Scenario } from "./types.ts";

const DISK = { read: 0.001, write: 0.001, sync: 0.005, full: 0.0005 };

/** One pull from one server that lies, stalls and dies, onto a disk that fails. */
export const singlePull: Scenario = {
  name: "single-pull",
  title: "one pull from one host over a bad network, onto a disk that fails",
  invariants: [
    "a pull that says it is done has published the model that was asked for",
    "a pull that fails says why, and leaves no obligation open and no worker running",
    "the store shows no tag with a missing or wrong blob, also after a power cut",
  ],
  params: { chunks: 64 },
  setting: () => ({ faults: { net: LYING_NET, disk: DISK }, maxSteps: 200_000 }),
  async play(stage) {
    const model = serveModel(stage, 1, stage.param("chunks"), [{ name: "a.example" }]);
    const part = stage.start("pull");
    const ended = await pullIn(part, model);
    judgePart(stage, part, ended);
    const done = ended.kind === "done";
    // What it said must still be true after a power cut.
    if (done) stage.sim.crash();
    await judgeStore(stage, { must: done ? [model] : [], may: [model] });
  },
};
