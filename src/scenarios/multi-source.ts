import { type FaultPlan, ROUGH_NET } from "../sim/faults.ts";
import { judgePart } from "./judge.ts";
import { judgeStore } from "./judge-store.ts";
import { pullIn, serveModel, type ServingHost } from "./model.ts";
import type { Scenario } from "./types.ts";

const LIAR: FaultPlan["net"] = {
  ...{ flip: 0.15, other: 0.06, short: 0.05, length: 0.05, etag: 0.03, whole: 0.04, garbage: 0.02 },
};
const DYING: FaultPlan["net"] = {
  ...{ death: 0.08, partition: 0.04, cut: 0.1, stall: 0.04, silent: 0.03, reset: 0.05, slow: 0.1 },
};
const BUSY: FaultPlan["net"] = { busy: 0.1, wait: 0.05, limit: 0.05, refused: 0.05, slow: 0.05 };
const KINDS = [ROUGH_NET, LIAR, DYING, BUSY] as const;

/** Several hosts have the same model. One of them is honest and in reach: what the others do must not matter. */
export const multiSource: Scenario = {
  name: "multi-source",
  title: "one pull from several hosts that lie, die and refuse, and one honest one",
  invariants: [
    "while one source is honest and in reach, the pull comes to its end",
    "what it published is the model that was asked for, and it is on the medium",
    "no obligation stays open, no worker runs on, every way to a chunk ends once",
  ],
  params: { chunks: 18, hosts: 3 },
  setting: () => ({ maxSteps: 200_000 }),
  async play(stage) {
    const hosts: ServingHost[] = [{ name: "honest.example" }];
    for (let number = 1; number < stage.param("hosts"); number++) {
      const plan = KINDS[stage.choose(KINDS.length)] ?? ROUGH_NET;
      hosts.push({ name: `h${number}.example`, plan });
    }
    const model = serveModel(stage, 1, stage.param("chunks"), hosts);
    const part = stage.start("pull");
    const ended = await pullIn(part, model);
    judgePart(stage, part, ended);
    if (ended.kind === "failed") stage.broken("not_done", String(ended.error), part.number);
    stage.sim.crash();
    await judgeStore(stage, { must: [model] });
  },
};
