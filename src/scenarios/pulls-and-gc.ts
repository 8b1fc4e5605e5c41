import { NO_FAULTS, ROUGH_NET } from "../sim/faults.ts";
import type { Ended } from "../sim/process.ts";
import { collect } from "../store/gc.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import { removeTag } from "../store/remove-tag.ts";
import { openOrMakeStore, openStore } from "../store/store.ts";
import { judgeError, judgePart } from "./judge.ts";
import { abortAll, collectAll, type Expected, judgeStore, STORE } from "./judge-store.ts";
import { judgeEmpty } from "./leftovers.ts";
import { inPeace, makeStore, pullFirst, pullIn, type ServedModel, serveModel } from "./model.ts";
import type { Stage } from "./stage.ts";
import type { Scenario } from "./types.ts";

const HOST = [{ name: "a.example" }];
const WITHIN_STEPS = 250;
const COLLECTIONS = 3;
/** As far apart as a small pull is long. */
const BETWEEN_MS = 40;
/** Longer than a lease holds, and longer than one is believed that lies ahead. */
const JUMPS_MS = [20 * 60_000, -2 * 3_600_000] as const;

interface Planned {
  readonly model: ServedModel;
  readonly target: Ref;
}

/** Processes of one store that know nothing of each other: two pulls, of whatever is the same in them, and collectors. */
export const pullsAndGc: Scenario = {
  name: "pulls-and-gc",
  title: "two pulls at the same time, of the same or of different models, while collections run",
  invariants: [
    "a pull that nothing disturbs comes to its end, whatever is collected meanwhile",
    "a pull that says it is done has its tag there, with its model, also after a power cut",
    "no tag names a blob that is missing or wrong",
    "once every pull was given again and all was collected, nothing unfinished is left",
  ],
  params: { chunks: 2 },
  setting: () => ({ faults: { ...NO_FAULTS, net: ROUGH_NET }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const one = serveModel(stage, 1, stage.param("chunks"), HOST);
    const two = serveModel(stage, 2, stage.param("chunks") + 1, [{ name: "b.example" }]);
    await makeStore(stage);
    if (stage.choose(2) === 1) await leaveUnnamed(stage, one);
    if (stage.choose(2) === 0) sim.calm();
    const pulls: readonly Planned[] = [{ model: one, target: one.ref }, second(stage, one, two)];
    if (stage.choose(4) === 3) mayJump(stage);
    const [done] = await Promise.all([pullBoth(stage, pulls), collectAgain(stage)]);
    sim.crash();
    const may = pulls.map(expectedOf);
    await judgeStore(stage, { must: done.map(expectedOf), may });
    await finish(stage, pulls, may);
  },
};

/** A model without a tag, as `apr rm` leaves it: the pull finds its blobs there, and a collector wants them. */
async function leaveUnnamed(stage: Stage, model: ServedModel): Promise<void> {
  const old = parseRef("old:1");
  await pullFirst(stage, model, old);
  await inPeace(stage, async ({ world }) => removeTag(await openOrMakeStore(world, STORE), old));
}

function second(stage: Stage, one: ServedModel, two: ServedModel): Planned {
  switch (stage.choose(4)) {
    case 0:
      return { model: two, target: two.ref };
    case 1:
      return { model: one, target: one.ref };
    case 2:
      return { model: one, target: parseRef("n:1") };
    default:
      return { model: two, target: one.ref };
  }
}

/** The wall clock is set, once: leases end before their time. */
function mayJump(stage: Stage): void {
  const byMs = JUMPS_MS[stage.choose(JUMPS_MS.length)] ?? 0;
  stage.sim.may(WITHIN_STEPS, () => {
    stage.sim.coverage.hit("clock jump");
    stage.sim.setWall(byMs);
  });
}

/** Both at once, and the ones that came to their end. */
async function pullBoth(stage: Stage, pulls: readonly Planned[]): Promise<readonly Planned[]> {
  const ended = await Promise.all(
    pulls.map(async (planned): Promise<Ended<unknown>> => {
      const part = stage.start("pull");
      if (stage.choose(3) === 2) stage.sim.mayKill(part.started.process, WITHIN_STEPS);
      const outcome = await pullIn(part, planned.model, undefined, planned.target);
      // Of two models under one tag only one can have it.
      judgePart(stage, part, outcome, { mayFail: (code) => code === "destination-exists" });
      return outcome;
    }),
  );
  return pulls.filter((_, index) => ended[index]?.kind === "done");
}

/** Collections, one after the other; any of them may be killed. */
async function collectAgain(stage: Stage): Promise<void> {
  const count = stage.choose(COLLECTIONS + 1);
  for (let number = 0; number < count; number++) {
    const started = stage.sim.start();
    if (stage.choose(4) === 3) stage.sim.mayKill(started.process, WITHIN_STEPS);
    const waitMs = stage.choose(16) * BETWEEN_MS;
    const ended = await started.process.run(async () => {
      await started.world.timers.sleep(waitMs);
      const store = await openStore(started.world, STORE);
      if (store !== null) await collect(store);
    });
    if (ended.kind === "failed") judgeError(stage, null, ended.error);
  }
}

function expectedOf({ model, target }: Planned): Expected {
  return { ref: target, digest: model.digest, sizeBytes: model.sizeBytes };
}

/** Given again when nothing fails: each comes to its end, and nothing unfinished is left. */
async function finish(stage: Stage, pulls: readonly Planned[], may: readonly Expected[]): Promise<void> {
  for (const { model, target } of pulls) {
    const part = stage.start("pull");
    const ended = await pullIn(part, model, undefined, target);
    judgePart(stage, part, ended, { mayFail: (code) => code === "destination-exists" });
    // What cannot have its name is kept until somebody says otherwise.
    if (ended.kind === "failed") await abortAll(stage);
  }
  await collectAll(stage);
  judgeEmpty(stage);
  await judgeStore(stage, { must: [], may });
}
