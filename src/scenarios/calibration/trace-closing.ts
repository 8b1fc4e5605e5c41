import { otherThan, type Step, type Story } from "./story.ts";
import { closeOf, dropOne, toOne, type TraceDefect } from "./trace-defect.ts";

// Bugs for the three checks that belong to a real transfer.

function isBlob({ data }: Step): boolean {
  return data["what"] === "blob";
}

/** Where a blob was hashed with the digest that it should have, before `until`. */
function goodHashes(story: Story, blob: unknown, until: number): number[] {
  return story.places(
    "hashed",
    ({ data }, at) =>
      at < until && data["blob"] === blob && (data["expected"] ?? data["actual"]) === data["actual"],
  );
}

/** The last chunk of a blob that came before `until`. */
function lastChunk(story: Story, blob: unknown, until: number): number | undefined {
  const own = (chunk: unknown): boolean =>
    typeof chunk === "string" && chunk.slice(0, chunk.lastIndexOf("#")) === blob;
  return story.places("path_done", ({ data }, at) => at < until && own(data["chunk"])).at(-1);
}

const exposure: readonly TraceDefect[] = [
  {
    name: "named-before-hashed",
    of: "final_exposure",
    about: "a blob gets its final name before its bytes are hashed",
    plant: toOne(
      "exposed",
      (story, at) => story.move(at, goodHashes(story, story.field(at, "name"), at)[0] ?? at),
      (step, at, story) => isBlob(step) && goodHashes(story, step.data["name"], at).length > 0,
    ),
  },
  {
    name: "named-unhashed",
    of: "final_exposure",
    about: "a blob gets its final name and is never hashed",
    plant: toOne(
      "exposed",
      (story, at) => {
        for (const hash of goodHashes(story, story.field(at, "name"), at).toReversed()) story.drop(hash);
      },
      (step, at, story) => isBlob(step) && goodHashes(story, step.data["name"], at).length > 0,
    ),
  },
  {
    name: "manifest-before-blob",
    of: "final_exposure",
    about: "the manifest gets its name before a blob that it names",
    plant: toOne(
      "exposed",
      (story, at) =>
        story.move(story.places("exposed", ({ data }) => data["what"] === "manifest")[0] ?? at, at),
      (step, at, story) =>
        isBlob(step) &&
        story.places("exposed", ({ data }, later) => later > at && data["what"] === "manifest").length > 0,
    ),
  },
  {
    name: "written-after-hashed",
    of: "final_exposure",
    about: "a chunk is written after the bytes were hashed",
    plant: toOne(
      "hashed",
      (story, at) => story.move(lastChunk(story, story.field(at, "blob"), at) ?? at, at),
      ({ data }, at, story) =>
        lastChunk(story, data["blob"], at) !== undefined &&
        goodHashes(story, data["blob"], at + 1).at(-1) === at,
    ),
  },
];

/** Where a task ends that was told to stop before. */
function toldToStop({ data }: Step, at: number, story: Story): boolean {
  return (
    story.places("cancel", (step, before) => before < at && step.data["task"] === data["task"]).length > 0
  );
}

const drain: readonly TraceDefect[] = [
  {
    name: "stopped-not-awaited",
    of: "cancellation_drain",
    about: "nobody waits for a task that was told to stop",
    plant: toOne("complete", (story, at) => story.drop(at), toldToStop),
  },
  {
    name: "stopped-ends-late",
    of: "cancellation_drain",
    about: "a task that was told to stop ends after its region has closed",
    plant: toOne(
      "complete",
      (story, at) => story.move(at, closeOf(story, story.field(at, "task"), at)),
      (step, at, story) => toldToStop(step, at, story) && closeOf(story, step.data["task"], at) !== -1,
    ),
  },
  {
    name: "stop-not-heard",
    of: "cancellation_drain",
    about: "a task is told to stop and goes on for ever",
    plant: toOne("complete", (story, at) => {
      const task = story.field(at, "task") ?? "";
      story.drop(at);
      story.insert(at, "cancel", { task, why: "not needed" });
    }),
  },
];

const proof: readonly TraceDefect[] = [
  {
    name: "proof-of-other-bytes",
    of: "proof_validity",
    about: "the manifest records another digest than that of the bytes",
    plant: toOne("proof", (story, at) => story.change(at, { digest: otherThan(story.field(at, "digest")) })),
  },
  { name: "proof-missing", of: "proof_validity", about: "a blob is not recorded", plant: dropOne("proof") },
  {
    name: "hash-of-other-bytes",
    of: "proof_validity",
    about: "the bytes that were hashed last are not those that were recorded",
    plant: toOne("hashed", (story, at) => story.change(at, { actual: otherThan(story.field(at, "actual")) })),
  },
];

/** By check, in the order in which the checks run. */
export const closingDefects: readonly TraceDefect[] = [...exposure, ...drain, ...proof];
