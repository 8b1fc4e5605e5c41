import { AprError } from "../../base/errors.ts";
import { LYING_NET } from "../../sim/faults.ts";
import { pullIn, serveModel } from "../model.ts";
import type { Scenario } from "../types.ts";

/** Steps within which a cancel comes, if it comes: most pulls are over long before. */
const CANCEL_WITHIN = 4000;

/** The pulls that are measured: they come to their end, fail and are stopped. Judged by whoever runs it. */
export const calibrationPull: Scenario = {
  name: "calibration-pull",
  title: "a pull from two hosts that lie, onto a disk that fails, stopped now and then",
  invariants: [],
  params: { chunks: 8 },
  setting: () => ({
    faults: { net: LYING_NET, disk: { read: 0.001, write: 0.001, sync: 0.005, full: 0.0005 } },
    maxSteps: 200_000,
  }),
  async play(stage) {
    const model = serveModel(stage, 1, stage.param("chunks"), [{ name: "a.example" }, { name: "b.example" }]);
    const part = stage.start("pull");
    const stop = new AbortController();
    stage.sim.may(CANCEL_WITHIN, () => stop.abort(new AprError("interrupted", "stopped")));
    const ended = await pullIn(part, model, stop.signal);
    stage.saw("ended", ended.kind);
  },
};
