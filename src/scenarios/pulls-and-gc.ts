import { NO_FAULTS, ROUGH_NET } from "../sim/faults.ts";
import type { Ended } from "../sim/process.ts";
import { collect } from "../store/gc.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import { removeTag } from "../store/remove-tag.ts";
import { openOrMakeStore, openStore } from "../store/store.ts";
import { type HeldImage, holdImage, pullImageFirst, pullImageIn, serveRegistry } from "./image.ts";
import { judgeError, judgePart } from "./judge.ts";
import { abortAll, collectAll, type Expected, judgeStore, STORE } from "./judge-store.ts";
import { judgeEmpty } from "./leftovers.ts";
import { inPeace, makeStore, pullFirst, pullIn, type ServedModel, serveModel } from "./model.ts";
import type { Part, Stage } from "./stage.ts";
import type { Scenario } from "./types.ts";

const WITHIN_STEPS = 250;
const COLLECTIONS = 3;
/** Most of what a collection could take from a pull it could take at the beginning of it. */
const GC_WITHIN_STEPS = 100;
/** Longer than a lease holds, and longer than one is believed that lies ahead. */
const JUMPS_MS = [20 * 60_000, -2 * 3_600_000] as const;

/** One of the two pulls, and what it brings. */
interface Planned {
  readonly expected: Expected;
  readonly pull: (part: Part) => Promise<Ended<unknown>>;
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
  params: { chunks: 1 },
  setting: () => ({ faults: { ...NO_FAULTS, net: ROUGH_NET }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const chunks = stage.param("chunks");
    const one = serveModel(stage, 1, chunks, [{ name: "a.example" }]);
    const two = serveModel(stage, 2, chunks + 1, [{ name: "b.example" }]);
    const image = holdImage(stage, serveRegistry(stage), "team/model", chunks);
    await makeStore(stage);
    await leaveUnnamed(stage, one, image);
    if (stage.choose(2) === 0) sim.calm();
    const pulls = [ofModel(one, one.ref), second(stage, one, two, image)];
    if (stage.choose(4) === 3) mayJump(stage);
    const pulling = pullBoth(stage, pulls);
    const [done] = await Promise.all([pulling, collectAgain(stage, pulling)]);
    sim.crash();
    const may = pulls.map(({ expected }) => expected);
    await judgeStore(stage, { must: done.map(({ expected }) => expected), may });
    await finish(stage, pulls, may);
  },
};

/** Blobs without a tag, as `apr rm` leaves them: a pull finds them there, and a collector wants them. */
async function leaveUnnamed(stage: Stage, model: ServedModel, image: HeldImage): Promise<void> {
  const way = stage.choose(3);
  if (way === 0) return;
  const old = parseRef("old:1");
  if (way === 1) await pullFirst(stage, model, old);
  else await pullImageFirst(stage, image, old);
  await inPeace(stage, async ({ world }) => {
    const store = await openOrMakeStore(world, STORE);
    await removeTag(store, old);
    // Of the image a part is left only.
    if (way === 2) await collect(store, { only: [image.blobs[1].digest] });
  });
}

function ofModel(model: ServedModel, ref: Ref): Planned {
  const { digest, sizeBytes } = model;
  return { expected: { ref, digest, sizeBytes }, pull: (part) => pullIn(part, model, undefined, ref) };
}

function second(stage: Stage, one: ServedModel, two: ServedModel, image: HeldImage): Planned {
  switch (stage.choose(5)) {
    case 0:
      return ofModel(two, two.ref);
    case 1:
      return ofModel(one, one.ref);
    case 2:
      return ofModel(one, parseRef("n:1"));
    case 3:
      return { expected: image, pull: (part) => pullImageIn(part, image) };
    default:
      return ofModel(two, one.ref);
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
      const outcome = await planned.pull(part);
      // Of two models under one tag only one can have it.
      judgePart(stage, part, outcome, { mayFail: (code) => code === "destination-exists" });
      return outcome;
    }),
  );
  return pulls.filter((_, index) => ended[index]?.kind === "done");
}

/** Collections, one after the other, each at some step of the pulls; any of them may be killed. */
async function collectAgain(stage: Stage, over: Promise<unknown>): Promise<void> {
  const count = stage.choose(COLLECTIONS + 1);
  for (let number = 0; number < count; number++) {
    await Promise.race([over, atSomeStep(stage)]);
    const started = stage.sim.start();
    if (stage.choose(4) === 3) stage.sim.mayKill(started.process, WITHIN_STEPS);
    const ended = await started.process.run(async () => {
      const store = await openStore(started.world, STORE);
      if (store !== null) await collect(store);
    });
    if (ended.kind === "failed") judgeError(stage, null, ended.error);
  }
}

function atSomeStep({ sim }: Stage): Promise<void> {
  return new Promise((resolve) => {
    if (!sim.may(GC_WITHIN_STEPS, resolve)) resolve();
  });
}

/** Given again when nothing fails: each comes to its end, and nothing unfinished is left. */
async function finish(stage: Stage, pulls: readonly Planned[], may: readonly Expected[]): Promise<void> {
  for (const { pull } of pulls) {
    const part = stage.start("pull");
    const ended = await pull(part);
    judgePart(stage, part, ended, { mayFail: (code) => code === "destination-exists" });
    // What cannot have its name is kept until somebody says otherwise.
    if (ended.kind === "failed") await abortAll(stage);
  }
  await collectAll(stage);
  judgeEmpty(stage);
  await judgeStore(stage, { must: [], may });
}
