import { otherThan, type Story } from "./story.ts";
import { closeOf, dropOne, toOne, type TraceDefect } from "./trace-defect.ts";

// Bugs for the five checks of a transfer's state.

const OUTCOMES = ["path_done", "path_failed", "race_lost"] as const;

const manifest: readonly Omit<TraceDefect, "of">[] = [
  {
    name: "other-manifest-taken",
    about: "a manifest that came with another digest than the one asked for is taken",
    plant: toOne("manifest", (story, at) =>
      story.change(at, { actual: otherThan(story.field(at, "actual")) }),
    ),
  },
  {
    name: "other-manifest-exposed",
    about: "another manifest gets the final name",
    plant: toOne(
      "exposed",
      (story, at) => story.change(at, { digest: otherThan(story.field(at, "digest")) }),
      ({ data }) => data["what"] === "manifest",
    ),
  },
  {
    name: "other-manifest-read-back",
    about: "the manifest is not the same when it is read back",
    plant: toOne("published", (story, at) =>
      story.change(at, { digest: otherThan(story.field(at, "digest")) }),
    ),
  },
  {
    name: "manifest-not-compared",
    about: "a manifest is published that was never compared with anything",
    plant: (story) => {
      const all = story.places("manifest");
      if (all.length === 0 || story.places("published").length === 0) return false;
      for (const at of all.toReversed()) story.drop(at);
      return true;
    },
  },
];

const journal: readonly Omit<TraceDefect, "of">[] = [
  { name: "record-lost", about: "a record is not written", plant: dropOne("checkpoint") },
  {
    name: "record-twice",
    about: "a record is written twice",
    plant: toOne("checkpoint", (story, at) => story.repeat(at)),
  },
  {
    name: "records-out-of-order",
    about: "a record overtakes the one before it",
    plant: toOne(
      "checkpoint",
      (story, at) => story.move(at, story.places("checkpoint", (_, before) => before < at).at(-1) ?? at),
      (_, at, story) => at !== story.places("checkpoint")[0],
    ),
  },
  {
    name: "record-out-of-chain",
    about: "a record is chained to another one than the last",
    plant: toOne("checkpoint", (story, at) => story.change(at, { prev: otherThan(story.field(at, "prev")) })),
  },
  {
    name: "journal-not-opened",
    about: "records are written to a journal that was not read first",
    plant: dropOne("journal_opened"),
  },
];

const quiescence: readonly Omit<TraceDefect, "of">[] = [
  { name: "task-never-ends", about: "a task is forgotten", plant: dropOne("complete") },
  {
    name: "region-does-not-wait",
    about: "a region closes while one of its tasks still runs",
    plant: toOne(
      "complete",
      (story, at) => story.move(at, closeOf(story, story.field(at, "task"), at)),
      ({ data }, at, story) => closeOf(story, data["task"], at) !== -1,
    ),
  },
  { name: "region-never-closed", about: "a region is left open", plant: dropOne("region_close_complete") },
  { name: "way-left-open", about: "an attempt at a chunk is forgotten", plant: dropOne(OUTCOMES) },
];

const obligation: readonly Omit<TraceDefect, "of">[] = [
  {
    name: "abort-missing",
    about: "what was reserved is not given back on a failure or a cancel",
    plant: dropOne("abort"),
  },
  { name: "commit-missing", about: "what was reserved is not settled on success", plant: dropOne("commit") },
  {
    name: "settled-twice",
    about: "what was reserved is settled twice",
    plant: toOne(["commit", "abort"], (story, at) => story.repeat(at)),
  },
  { name: "reserve-missing", about: "what nobody reserved is settled", plant: dropOne("reserve") },
];

const path: readonly Omit<TraceDefect, "of">[] = [
  {
    name: "outcome-twice",
    about: "an attempt ends twice",
    plant: toOne(OUTCOMES, (story, at) => story.repeat(at)),
  },
  {
    name: "outcome-of-another-path",
    about: "a chunk is taken from another source than the one asked",
    plant: toOne("path_done", (story, at) => story.change(at, { path: otherThan(story.field(at, "path")) })),
  },
  {
    name: "chunk-taken-twice",
    about: "a chunk that is there is fetched and taken once more",
    plant: toOne("path_done", (story, at) => takeAgain(story, at)),
  },
  {
    name: "dropped-path-asked",
    about: "a source that was given up is asked again",
    plant: toOne("path_chosen", (story, at) =>
      story.insert(at, "path_dropped", { path: story.field(at, "path") ?? "", why: "refused" }),
    ),
  },
];

function takeAgain(story: Story, at: number): void {
  const attempt = { ...story.steps[at]?.data, attempt: "again" };
  story.insert(at + 1, "path_chosen", attempt);
  story.insert(at + 2, "path_done", attempt);
}

function defectsOf(of: TraceDefect["of"], all: readonly Omit<TraceDefect, "of">[]): TraceDefect[] {
  return all.map((each) => ({ ...each, of }));
}

/** By check, in the order in which the checks run. */
export const stateDefects: readonly TraceDefect[] = [
  ...defectsOf("manifest_integrity", manifest),
  ...defectsOf("journal_consistency", journal),
  ...defectsOf("quiescence", quiescence),
  ...defectsOf("obligation_leak", obligation),
  ...defectsOf("path_consistency", path),
];
