import type { Signal, StoreSignal } from "../../evidence/dependence.ts";
import type { MeasuredSubject } from "../../evidence/measured-table.ts";
import { copyTag } from "../../store/copy-tag.ts";
import { parseRef } from "../../store/ref.ts";
import { openOrMakeStore, openStore, type Store } from "../../store/store.ts";
import { type ProblemKind, verifyStore } from "../../store/verify.ts";
import { NO_FAULTS } from "../../sim/faults.ts";
import { STORE } from "../judge-store.ts";
import { pullIn, serveModel } from "../model.ts";
import { runScenario } from "../run.ts";
import type { Stage } from "../stage.ts";
import type { Scenario } from "../types.ts";
import { restingStore, storeDefects } from "./store-defects.ts";
import type { Chance } from "./story.ts";
import { type Signals, Tallies } from "./tallies.ts";
import { chanceOf, type MeasureOptions } from "./transfers.ts";

/** Of each store that is measured: models, copies of the first one's tag, and chunks of a model, at most. */
const PARAMS = { models: 3, copies: 2, chunks: 3 };

const SIGNAL: Readonly<Record<ProblemKind, StoreSignal>> = {
  missing: "missing",
  "wrong-size": "wrong_size",
  "wrong-bytes": "wrong_bytes",
  "unreadable-manifest": "unreadable_manifest",
};

/**
 * Verifies simulated stores: each seed's store as it is, and once with each defect in it. Throws Error when a store
 * cannot be made.
 */
export async function measureStores(options: MeasureOptions): Promise<MeasuredSubject> {
  const { onSeed, seeds, signal } = options;
  const tallies = new Tallies(storeDefects, ["store"]);
  for (let seed = seeds[0]; seed < seeds[1]; seed++) {
    signal?.throwIfAborted();
    const { clean, planted } = await lookAtStore(seed);
    tallies.take(clean, planted, chanceOf(seed, 0));
    await onSeed?.();
  }
  return tallies.result({ subject: "store", seeds, params: PARAMS });
}

interface Looked {
  readonly clean: Signals;
  /** By defect; null where the store had no place for it. */
  readonly planted: readonly (Signals | null)[];
}

/** Makes a seed's store once, and puts it back after each defect. */
async function lookAtStore(seed: number): Promise<Looked> {
  let looked: Looked | null = null;
  const scenario: Scenario = {
    ...{ name: "calibration-store", title: "a store that lies still", invariants: [], params: {} },
    setting: () => ({ faults: NO_FAULTS }),
    play: async (stage) => {
      await makeModels(stage, chanceOf(seed, 0));
      const clean = await inStore(stage, verified);
      const kept = await inStore(stage, keep);
      const planted: (Signals | null)[] = [];
      for (const [index, { plant }] of storeDefects.entries()) {
        const done = await inStore(stage, async ({ root, world }) =>
          plant(await restingStore(world.files, root), chanceOf(seed, index + 1)),
        );
        planted.push(done ? await inStore(stage, verified) : null);
        await inStore(stage, (store) => putBack(store, kept));
      }
      looked = { clean, planted };
    },
  };
  const { violations } = await runScenario(scenario, BigInt(seed));
  if (looked !== null) return looked;
  const [broken] = violations;
  throw new Error(`store ${seed}: ${broken?.type ?? "nothing"}: ${broken?.detail ?? "was looked at"}`);
}

/** Paths of a store, each with the path of its copy. */
type Kept = ReadonlyMap<string, string>;

async function keep({ root, world: { files } }: Store): Promise<Kept> {
  const { blobs, manifests } = await restingStore(files, root);
  await files.makeFolder("/kept");
  const kept = new Map([...blobs, ...manifests].map((path, index) => [path, `/kept/${index}`]));
  for (const [path, copy] of kept) await files.copy(path, copy);
  return kept;
}

async function putBack({ root, world: { files } }: Store, kept: Kept): Promise<void> {
  const { blobs, manifests } = await restingStore(files, root);
  for (const path of [...blobs, ...manifests]) await files.unlink(path);
  for (const [path, copy] of kept) await files.copy(copy, path);
}

async function makeModels(stage: Stage, chance: Chance): Promise<void> {
  const models = 1 + chance.below(PARAMS.models);
  for (let number = 1; number <= models; number++) {
    const model = serveModel(stage, number, 1 + chance.below(PARAMS.chunks), [{ name: `${number}.example` }]);
    const ended = await pullIn(stage.start("pull"), model);
    if (ended.kind !== "done") throw new Error(`a model could not be pulled: ${ended.kind}`);
  }
  const copies = chance.below(PARAMS.copies + 1);
  for (let copy = 1; copy <= copies; copy++) {
    await inStore(stage, (store) => copyTag(store, parseRef("m:1"), parseRef(`copy:${copy}`)));
  }
}

async function verified(store: Store): Promise<Signals> {
  const { problems } = await verifyStore(store);
  return new Set<Signal>(problems.map(({ kind }) => SIGNAL[kind]));
}

/** Works on the store in a process of its own. */
async function inStore<T>(stage: Stage, work: (store: Store) => Promise<T>): Promise<T> {
  const ended = await stage.run(async ({ world }) => {
    const store = (await openStore(world, STORE)) ?? (await openOrMakeStore(world, STORE));
    return work(store);
  });
  if (ended.kind === "done") return ended.value;
  throw ended.kind === "failed" ? ended.error : new Error("a process was killed");
}
