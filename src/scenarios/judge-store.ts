import { collect } from "../store/gc.ts";
import { formatRef, type Ref } from "../store/ref.ts";
import { openStore, type Store } from "../store/store.ts";
import { readTag } from "../store/tags.ts";
import { verifyStore } from "../store/verify.ts";
import { abortTransfer, listTransfers } from "../transfer/transfers.ts";
import type { Stage } from "./stage.ts";

/** Where every scenario keeps its store. */
export const STORE = "/models";

/** A tag that must be there, with the digest and size of its model's first layer. */
export interface Expected {
  readonly ref: Ref;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface Expectations {
  readonly must: readonly Expected[];
  /** These may be there, and if they are, they are this. Several of one tag: one of them. */
  readonly may?: readonly Expected[];
  readonly mustNot?: readonly Ref[];
}

/**
 * Looks at the store as a new process sees it, when nothing fails any more: every blob has its digest, no tag names
 * one that is missing, and what must be there is.
 */
export async function judgeStore(stage: Stage, expectations: Expectations): Promise<void> {
  stage.sim.calm();
  await lookAtStore(stage, expectations);
}

/** The same in the middle of a story: the disk does not fail while it is looked at. */
export async function lookAtStore(stage: Stage, expectations: Expectations): Promise<void> {
  const { disk } = stage.sim;
  const before = disk.calm;
  disk.calm = true;
  const looked = await stage.run(async ({ world }) => {
    const store = await openStore(world, STORE);
    if (store !== null) return judgeContent(stage, store, expectations);
    if (expectations.must.length > 0) stage.broken("no_store", "the store is gone");
  });
  disk.calm = before;
  if (looked.kind === "failed") stage.broken("unreadable_store", String(looked.error));
}

async function judgeContent(
  stage: Stage,
  store: Store,
  { may = [], must, mustNot = [] }: Expectations,
): Promise<void> {
  const { problems } = await verifyStore(store);
  for (const { detail, kind, subject } of problems) {
    stage.broken(kind.replaceAll("-", "_"), `${subject} ${detail}`);
  }
  const names = new Map([...must, ...may].map(({ ref }) => [formatRef(ref), ref]));
  for (const [name, ref] of names) {
    const right = [...must, ...may].filter((each) => formatRef(each.ref) === name);
    const entry = await readTag(store, ref);
    if (entry === null) {
      if (must.some((each) => right.includes(each))) stage.broken("missing_tag", `${name} is not there`);
    } else if (entry.kind !== "tag") {
      stage.broken("unreadable_tag", `${name} cannot be read`);
    } else {
      const [layer] = entry.image.layers;
      const isRight = right.some(
        ({ digest, sizeBytes }) => layer?.digest === digest && layer.sizeBytes === sizeBytes,
      );
      if (!isRight) stage.broken("another_model", `${name} is ${layer?.digest ?? "nothing"}`);
    }
  }
  for (const ref of mustNot) {
    if ((await readTag(store, ref)) !== null) stage.broken("removed_tag", `${formatRef(ref)} is back`);
  }
}

/** Collects what no tag names, in a process of its own. A failure is a violation: nothing may stand in its way. */
export async function collectAll(stage: Stage): Promise<void> {
  const ended = await stage.run(async ({ world }) => {
    const store = await openStore(world, STORE);
    return store === null ? null : collect(store);
  });
  if (ended.kind === "failed") stage.broken("no_collection", String(ended.error));
  if (ended.kind === "done" && ended.value?.kind === "refused")
    stage.broken("no_collection", "a manifest cannot be read");
}

/** Gives up every transfer that is not over, as `apr transfers abort --all` does. */
export async function abortAll(stage: Stage): Promise<void> {
  await stage.run(async ({ world }) => {
    const store = await openStore(world, STORE);
    if (store === null) return;
    for (const each of await listTransfers(world, store)) await abortTransfer(store, each);
  });
}
