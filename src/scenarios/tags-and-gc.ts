import { AprError } from "../base/errors.ts";
import type { Ended } from "../sim/process.ts";
import { copyTag } from "../store/copy-tag.ts";
import { collect } from "../store/gc.ts";
import { formatRef, parseRef, type Ref } from "../store/ref.ts";
import { removeTag } from "../store/remove-tag.ts";
import { openOrMakeStore, type Store } from "../store/store.ts";
import { judgeError, judgePart } from "./judge.ts";
import { abortAll, collectAll, judgeStore, lookAtStore, STORE } from "./judge-store.ts";
import { judgeEmpty, judgeLeftovers } from "./leftovers.ts";
import { makeStore, pullFirst, pullIn, type ServedModel, serveModel } from "./model.ts";
import type { Stage } from "./stage.ts";
import { TagBook } from "./tag-book.ts";
import type { Scenario } from "./types.ts";

const ROUNDS = 5;
/** Beyond the end of most pulls. */
const PULL_STEPS = 120;
/** And of the other commands: most of their time is that of their syncs. */
const SHORT_STEPS = 32;
const SHORT_US = 4000;
const DISK = { read: 0.001, write: 0.002, sync: 0.004, full: 0.001 };
const TAGS: readonly Ref[] = ["a:1", "b:1", "b:2", "c:1"].map((text) => parseRef(text));

type Command =
  | { readonly kind: "cp"; readonly from: Ref; readonly ref: Ref }
  | { readonly kind: "rm"; readonly ref: Ref }
  | { readonly kind: "pull"; readonly model: ServedModel; readonly ref: Ref }
  | { readonly kind: "gc" };

/** Commands that change tags, one after the other and at the same time, while the machine loses power. */
export const tagsAndGc: Scenario = {
  name: "tags-and-gc",
  title: "cp, rm, gc and pulls, alone and at the same time, while the machine loses power",
  invariants: [
    "what a command has said it did is so, also after a power cut",
    "no tag names a blob that is missing or wrong, at any time",
    "a tag that was removed does not come back, and one that nobody removed stays",
    "after a collection nothing unfinished is left",
  ],
  params: { chunks: 1 },
  setting: () => ({ faults: { net: {}, disk: DISK }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const chunks = stage.param("chunks");
    const models = [1, 2].map((number) =>
      serveModel(stage, number, chunks, [{ name: `h${number}.example` }]),
    );
    const book = new TagBook(models, TAGS);
    await makeStore(stage);
    const [first] = models;
    const [tag] = TAGS;
    if (first === undefined || tag === undefined) throw new Error("no model");
    await pullFirst(stage, first, tag);
    book.isThere(tag, first);
    if (stage.choose(2) === 0) sim.disk.calm = true;
    let commands: readonly Command[] = [];
    let ended: readonly Ended<unknown>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      commands = nextCommands(stage, models, commands, ended);
      if (stage.choose(3) === 2) sim.mayCrash(2 * SHORT_STEPS);
      ended = await Promise.all(commands.map((command) => runCommand(stage, command)));
      note(book, commands, ended);
      // Most of what a collection must not rely on is lost by a power cut just after it.
      if (stage.choose(commands.every(({ kind }) => kind === "gc") ? 2 : 6) === 1) sim.crash();
      await lookAtStore(stage, book.expectations);
    }
    sim.crash();
    await lookAtStore(stage, book.expectations);
    sim.calm();
    await abortAll(stage);
    await collectAll(stage);
    judgeEmpty(stage);
    await judgeStore(stage, book.expectations);
  },
};

/** A few at a time; the same again; or a collection alone, as from a timer. After a kill the latter two are likelier. */
function nextCommands(
  stage: Stage,
  models: readonly ServedModel[],
  before: readonly Command[],
  ended: readonly Ended<unknown>[],
): readonly Command[] {
  const way = stage.choose(ended.some(({ kind }) => kind === "killed") ? 3 : 6);
  if (way === 1 && before.length > 0) return before;
  if (way === 2) return [{ kind: "gc" }];
  return Array.from({ length: 1 + stage.choose(3) }, () => chosen(stage, models));
}

function chosen(stage: Stage, models: readonly ServedModel[]): Command {
  const one = <T>(list: readonly T[]): T => {
    const found = list[stage.choose(list.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
  switch (stage.choose(4)) {
    case 0:
      return { kind: "cp", from: one(TAGS), ref: one(TAGS) };
    case 1:
      return { kind: "rm", ref: one(TAGS) };
    case 2:
      return { kind: "gc" };
    default:
      return { kind: "pull", model: one(models), ref: one(TAGS) };
  }
}

/** Each in a process of its own. */
async function runCommand(stage: Stage, command: Command): Promise<Ended<unknown>> {
  const dies = stage.choose(4) === 3;
  if (command.kind === "pull") {
    const part = stage.start("pull");
    if (dies) stage.sim.mayKill(part.started.process, PULL_STEPS);
    const ended = await pullIn(part, command.model, undefined, command.ref);
    judgePart(stage, part, ended, { mayFail: isExpected });
    return ended;
  }
  const started = stage.sim.start();
  if (dies) stage.sim.mayKillWithin(started.process, SHORT_US);
  const ended = await started.process.run(async () => {
    const store: Store = await openOrMakeStore(started.world, STORE);
    if (command.kind === "cp") await copyTag(store, command.from, command.ref);
    else if (command.kind === "rm") await removeTag(store, command.ref);
    else await collect(store);
  });
  if (ended.kind === "failed") judgeError(stage, null, ended.error);
  if (ended.kind !== "killed") judgeLeftovers(stage, started.process.pid, null);
  return ended;
}

/** A tag may be in the way; and one that is removed in the moment in which it is published is gone again. */
function isExpected(code: unknown): boolean {
  return code === "destination-exists" || code === undefined;
}

/** What is known after commands that ran at the same time. */
function note(book: TagBook, commands: readonly Command[], ended: readonly Ended<unknown>[]): void {
  // A copy has what its source was when it was read.
  const sources = commands.map((command) => (command.kind === "cp" ? sourceOf(book, command, commands) : []));
  for (const [index, command] of commands.entries()) {
    const outcome = ended[index];
    if (command.kind === "gc" || outcome === undefined) continue;
    const { ref } = command;
    const done = outcome.kind === "done";
    if (changesOf(commands, ref).some((each) => each !== command)) book.isOpen(ref);
    else if (outcome.kind === "failed" && isRefusal(outcome.error)) continue;
    else if (command.kind === "rm") {
      if (done) book.isGone(ref);
      else book.mayBeGone(ref);
    } else {
      const models = command.kind === "pull" ? [command.model] : (sources[index] ?? []);
      if (done) book.isOpen(ref, models, false);
      else book.mayBecome(ref, models);
    }
  }
}

/** Commands that may change what a tag is. */
function changesOf(commands: readonly Command[], ref: Ref): readonly Command[] {
  return commands.filter((each) => each.kind !== "gc" && formatRef(each.ref) === formatRef(ref));
}

function sourceOf(
  book: TagBook,
  { from }: Command & { readonly kind: "cp" },
  commands: readonly Command[],
): readonly ServedModel[] {
  return changesOf(commands, from).every(({ kind }) => kind === "rm") ? book.modelsOf(from) : book.models;
}

/** It says so before it changes anything. */
function isRefusal(error: unknown): boolean {
  return error instanceof AprError && (error.kind === "exists" || error.kind === "not-found");
}
