import { NO_FAULTS, ROUGH_NET } from "../sim/faults.ts";
import type { Ended } from "../sim/process.ts";
import type { SimRegistry } from "../sim/registry.ts";
import { blobPath } from "../store/layout.ts";
import { openOrMakeStore } from "../store/store.ts";
import { push } from "../transfer/push/push.ts";
import type { Pushed } from "../transfer/push/types.ts";
import { realRun } from "../sim/data.ts";
import { apiOf, type HeldImage, holdImage, IMAGE_REF, pullImageFirst, serveRegistry } from "./image.ts";
import { judgePart } from "./judge.ts";
import { collectAll, judgeStore, STORE } from "./judge-store.ts";
import { CHUNK_BYTES, makeStore } from "./model.ts";
import { judgeEmpty } from "./leftovers.ts";
import type { Part, Stage } from "./stage.ts";
import { mayStop } from "./stop.ts";
import type { Scenario } from "./types.ts";

const SOURCE = "team/source";
const TARGET = "team/target";
const TAG = "v1";
const RUNS = 4;
const WITHIN_STEPS = 90;
const LIMITS = { pieceBytes: CHUNK_BYTES, monolithicBytes: 1024 * 1024, lanes: 2 };
const MOODS = ["good", "forgets an upload", "keeps half", "takes less at once"] as const;

/** A model goes from the store to a registry that may have parts of it elsewhere. */
export const pushWithMount: Scenario = {
  name: "push",
  title: "a push to a registry with mounts, stopped, killed and given again until it is done",
  invariants: [
    "the last run, which nothing disturbs, comes to its end",
    "once it says that it is done, the registry has the very manifest and every blob that it names",
    "no manifest is sent before everything that it names is there",
    "no blob is ever completed under a digest that is not its own, also when the store's copy is damaged",
    "no obligation stays open, no worker runs on, and nothing unfinished is left in the end",
  ],
  params: { chunks: 3 },
  setting: () => ({ faults: { ...NO_FAULTS, net: ROUGH_NET, disk: { read: 0.002 } }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const calm = stage.choose(2) === 0;
    const registry = serveRegistry(stage, {
      mood: (count) => (calm || sim.disk.calm ? 0 : moodOf(stage, count)),
      mounts: stage.choose(3) !== 2,
    });
    const image = holdImage(stage, registry, SOURCE, stage.param("chunks"));
    await makeStore(stage);
    await pullImageFirst(stage, image);
    const damaged = prepare(stage, registry, image);
    if (calm) sim.calm();
    let ended: Ended<unknown> = { kind: "killed" };
    for (let run = 1; run <= RUNS && ended.kind !== "done"; run++) {
      if (run === RUNS) sim.calm();
      ended = await pushOnce(stage, run === RUNS);
    }
    judgeRegistry(stage, registry, image, ended.kind === "done");
    if (!damaged && ended.kind !== "done") stage.broken("not_done", `the last run has ${ended.kind}`);
    if (damaged) return;
    sim.calm();
    await collectAll(stage);
    judgeEmpty(stage);
    await judgeStore(stage, { must: [image] });
  },
};

function moodOf(stage: Stage, count: number): number {
  const mood = stage.choose(count);
  const name = MOODS[mood];
  if (mood > 0 && name !== undefined) stage.sim.coverage.hit(`registry ${name}`);
  return mood;
}

/** The registry may have lost a blob, or have one in place; the store's may be damaged: true then. */
function prepare(stage: Stage, registry: SimRegistry, { blobs, digest }: HeldImage): boolean {
  const [, large, small] = blobs;
  const source = registry.repository(SOURCE).blobs;
  const way = stage.choose(6);
  if (way === 1) source.delete(digest);
  if (way === 2) source.clear();
  if (way === 3) registry.repository(TARGET).blobs.set(small.digest, source.get(small.digest) ?? []);
  if (way !== 4) return false;
  source.clear();
  stage.sim.coverage.hit("disk damage");
  const path = blobPath(STORE, large.digest);
  stage.sim.disk.find(path)?.content.write(CHUNK_BYTES + 8, realRun(new Uint8Array(16).fill(1)));
  return true;
}

async function pushOnce(stage: Stage, last: boolean): Promise<Ended<Pushed>> {
  const part = stage.start("push");
  const way = last ? 0 : stage.choose(3);
  if (way === 1) stage.sim.mayKill(part.started.process, WITHIN_STEPS);
  const stop = way === 2 ? mayStop(stage, WITHIN_STEPS) : null;
  const ended = await pushIn(part, stop?.signal ?? new AbortController().signal);
  judgePart(stage, part, ended);
  stop?.judge(part, ended);
  return ended;
}

function pushIn({ emit, started }: Part, signal: AbortSignal): Promise<Ended<Pushed>> {
  const { process, world } = started;
  return process.run(async () => {
    const store = await openOrMakeStore(world, STORE);
    return push(world, store, apiOf(world, TARGET, [SOURCE]), {
      ...{ ref: IMAGE_REF, reference: TAG, force: false, mountFrom: [SOURCE] },
      ...{ emit, signal, limits: LIMITS },
    });
  });
}

function judgeRegistry(stage: Stage, registry: SimRegistry, image: HeldImage, done: boolean): void {
  for (const each of registry.premature) stage.broken("premature_manifest", each);
  for (const each of registry.misnamed) stage.broken("misnamed_blob", each);
  if (!done) return;
  const { blobs, manifests } = registry.repository(TARGET);
  const there = manifests.get(TAG)?.digest ?? "nothing";
  if (there !== image.manifest) stage.broken("another_manifest", `${TAG} is ${there}`);
  for (const { digest } of image.blobs) {
    const body = blobs.get(digest);
    if (body === undefined) stage.broken("missing_blob", digest);
    else if (`sha256:${stage.sim.digestOf(body)}` !== digest) stage.broken("wrong_blob", digest);
  }
}
