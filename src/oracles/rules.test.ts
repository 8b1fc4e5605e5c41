import { expect, test } from "vitest";
import { digest, type Step, smallPull, traceOf } from "../../test/support/oracles/trace.ts";
import { transferEvidence } from "./evidence.ts";

const evidence = (steps: readonly Step[]) => transferEvidence(traceOf(steps));
const D = digest("d");
const X = digest("0");
const manifest = (expected: string, actual: string): Step => ["manifest", { expected, actual }];
const published = (of: string): Step => ["published", { digest: of }];
const exposed = (what: "blob" | "manifest", name: string, of: string): Step => [
  "exposed",
  { what, name, digest: of },
];
const hashed = (blob: string, expected: string | null, actual: string): Step => [
  "hashed",
  { blob, expected, actual },
];
const proof = (blob: string, of: string): Step => ["proof", { blob, digest: of }];

test.each<[string, Step[], string, string]>([
  ["nothing happened", [], "", ""],
  ["published as expected", [manifest(D, D), published(D)], D, D],
  ["published something else", [manifest(D, D), published(X)], D, X],
  ["came wrong, published right", [manifest(D, X), published(D)], D, X],
  ["came wrong and failed", [manifest(D, X)], D, X],
  ["right, and nothing was published", [manifest(D, D)], "", ""],
  ["an own manifest at the end", [manifest(D, D), manifest(X, X), published(X)], X, X],
  ["the first of two published", [manifest(D, D), manifest(X, X), published(D)], X, D],
  ["nobody expected it", [published(D)], "", D],
  ["expected too late", [published(D), manifest(D, D)], "", D],
  ["exposed something else", [manifest(D, D), exposed("manifest", "m", X), published(D)], D, X],
  ["exposed, and the look failed", [exposed("manifest", "m", D)], "", ""],
  ["published twice, differently", [manifest(D, D), published(D), published(X)], D, X],
])("manifest: %s", (_, steps, expected, actual) => {
  const { manifest_hash, expected_manifest_hash } = evidence(steps).state;
  expect({ expected: expected_manifest_hash, actual: manifest_hash }).toEqual({ expected, actual });
});

const opened = (next: number, head: string): Step => ["journal_opened", { next, head }];
const record = (seq: number, prev: string, hash: string): Step => ["checkpoint", { seq, prev, hash }];

test.each<[string, Step[], number]>([
  ["no journal", [], 0],
  ["a new one", [opened(1, "0"), record(1, "0", "a"), record(2, "a", "b")], 0],
  ["one that goes on", [opened(7, "f"), record(7, "f", "a")], 0],
  ["never opened", [record(1, "0", "a"), record(2, "a", "b")], 1],
  ["a number left out", [opened(1, "0"), record(1, "0", "a"), record(3, "a", "b"), record(4, "b", "c")], 1],
  ["a number twice", [opened(1, "0"), record(1, "0", "a"), record(1, "a", "b")], 1],
  ["a broken chain", [opened(1, "0"), record(1, "0", "a"), record(2, "0", "b"), record(3, "b", "c")], 1],
  ["not chained to the head", [opened(7, "f"), record(7, "0", "a")], 1],
  [
    "opened again where it stood",
    [opened(1, "0"), record(1, "0", "a"), opened(2, "a"), record(2, "a", "b")],
    0,
  ],
  ["opened again elsewhere", [opened(1, "0"), record(1, "0", "a"), opened(3, "a"), record(3, "a", "b")], 1],
  ["begun anew", [opened(7, "f"), record(7, "f", "a"), opened(1, "0"), record(1, "0", "x")], 0],
])("journal: %s", (_, steps, gaps) => {
  expect(evidence(steps).state.journal_gaps).toBe(gaps);
});

const created: Step = ["region_created", { region: "r" }];
const closed: Step = ["region_close_complete", { region: "r" }];
const cancelledRegion: Step = ["region_cancelled", { region: "r", why: "stop" }];
const spawn = (task: string): Step => ["spawn", { task, region: "r" }];
const cancel = (task: string): Step => ["cancel", { task, why: "lost" }];
const complete = (task: string): Step => ["complete", { task, outcome: "ok" }];

test.each<[string, Step[], number, number]>([
  ["ended in time", [created, spawn("t"), complete("t"), closed], 0, 0],
  ["cancelled and drained", [created, spawn("t"), cancel("t"), complete("t"), closed], 0, 0],
  [
    "names used again",
    [created, spawn("t"), complete("t"), closed, created, spawn("t"), complete("t"), closed],
    0,
    0,
  ],
  ["a region still open", [created, spawn("t"), complete("t")], 1, 0],
  ["a task still running at close", [created, spawn("t"), closed], 1, 0],
  ["that ends later", [created, spawn("t"), closed, complete("t")], 1, 0],
  ["region and task still going", [created, spawn("t")], 2, 0],
  ["a task that was never begun", [created, complete("t"), closed], 1, 0],
  ["begun twice", [created, spawn("t"), spawn("t"), complete("t"), closed], 1, 0],
  ["ended twice", [created, spawn("t"), complete("t"), complete("t"), closed], 1, 0],
  ["in no region", [spawn("t"), complete("t")], 2, 0],
  ["closed twice", [created, closed, closed], 1, 0],
  ["opened twice", [created, created, closed], 1, 0],
  ["cancelled, not drained at close", [created, spawn("t"), cancel("t"), closed, complete("t")], 1, 1],
  ["cancelled, not drained at the end", [created, spawn("t"), cancel("t")], 2, 1],
  ["with its region", [created, spawn("t"), cancelledRegion, closed], 1, 1],
  ["spawned into a cancelled region", [created, cancelledRegion, spawn("t"), closed], 1, 1],
  ["a cancelled region that drains", [created, spawn("t"), cancelledRegion, complete("t"), closed], 0, 0],
  ["cancel after the end", [created, spawn("t"), complete("t"), cancel("t"), closed], 0, 0],
])("tasks: %s", (_, steps, pending, undrained) => {
  const { state, closing } = evidence(steps);
  expect([state.pending_operations, closing.undrained_workers]).toEqual([pending, undrained]);
});

const chosen = (attempt: string, chunk = "b#0", path = "p"): Step => [
  "path_chosen",
  { attempt, chunk, path },
];
const done = (attempt: string, chunk = "b#0", path = "p"): Step => ["path_done", { attempt, chunk, path }];
const lost = (attempt: string, chunk = "b#0", path = "p"): Step => ["race_lost", { attempt, chunk, path }];
const failed = (attempt: string, chunk = "b#0", path = "p"): Step => [
  "path_failed",
  { attempt, chunk, path, why: "cut" },
];
const dropped = (path: string): Step => ["path_dropped", { path, why: "refused" }];
const repair = (chunk = "b#0", path = "p"): Step => ["repair", { chunk, path, why: "wrong" }];

test.each<[string, Step[], boolean, number]>([
  ["done", [chosen("a"), done("a")], true, 0],
  ["failed, then done", [chosen("a"), failed("a"), chosen("b"), done("b")], true, 0],
  ["a race", [chosen("a"), chosen("b", "b#0", "q"), lost("a"), done("b", "b#0", "q")], true, 0],
  ["both won the race", [chosen("a"), chosen("b"), done("a"), done("b")], false, 0],
  ["done again after a repair", [chosen("a"), done("a"), repair(), chosen("b"), done("b")], true, 0],
  ["done again without one", [chosen("a"), done("a"), chosen("b"), done("b")], false, 0],
  ["a repair of another chunk", [chosen("a"), done("a"), repair("b#1"), chosen("b"), done("b")], false, 0],
  ["never ended", [chosen("a")], true, 1],
  ["ended when published", [chosen("a"), done("a"), published(D)], true, 0],
  ["not ended when published", [chosen("a"), published(D), done("a")], true, 1],
  ["not ended when exposed", [chosen("a"), exposed("manifest", "m", D), done("a")], true, 1],
  ["never chosen", [done("a")], false, 0],
  ["chosen twice", [chosen("a"), done("a"), chosen("a")], false, 1],
  ["ended twice", [chosen("a"), failed("a"), lost("a")], false, 0],
  ["another chunk's end", [chosen("a"), done("a", "b#1")], false, 0],
  ["another path's end", [chosen("a"), done("a", "b#0", "q")], false, 0],
  ["dropped after its last attempt", [chosen("a"), failed("a"), dropped("p")], true, 0],
  ["dropped while it delivers", [chosen("a"), dropped("p"), done("a")], true, 0],
  ["asked after it was dropped", [dropped("p"), chosen("a"), done("a")], false, 0],
  ["another one asked", [dropped("p"), chosen("a", "b#0", "q"), done("a", "b#0", "q")], true, 0],
])("paths: %s", (_, steps, consistent, pending) => {
  const { state } = evidence(steps);
  expect([state.path_outcomes_consistent, state.pending_operations]).toEqual([consistent, pending]);
});

const reserve: Step = ["reserve", { id: "i", what: "slot", of: "x" }];
const commit: Step = ["commit", { id: "i" }];
const abort: Step = ["abort", { id: "i", why: "stopped" }];

test.each<[string, Step[], number]>([
  ["committed", [reserve, commit], 0],
  ["aborted", [reserve, abort], 0],
  ["twice, one after the other", [reserve, commit, reserve, abort], 0],
  ["never ended", [reserve], 1],
  ["never begun", [commit], 1],
  ["ended twice", [reserve, commit, abort], 1],
  ["begun twice", [reserve, reserve, commit], 1],
  ["ended before it began", [abort, reserve], 2],
])("obligations: %s", (_, steps, leaks) => {
  expect(evidence(steps).state.leaked_obligations).toBe(leaks);
});

const NAMED = `sha256-${D.slice("sha256:".length)}`;

test.each<[string, Step[], string[]]>([
  ["hashed, then exposed", [hashed("b", D, D), exposed("blob", "b", D)], []],
  ["exposed, then hashed", [exposed("blob", "b", D), hashed("b", D, D)], ["b"]],
  ["never hashed", [exposed("blob", "b", D)], ["b"]],
  ["hashed wrong", [hashed("b", D, X), exposed("blob", "b", D)], ["b"]],
  ["exposed as what it is, wrong as it is", [hashed("b", D, X), exposed("blob", "b", X)], ["b"]],
  ["exposed as something else", [hashed("b", D, D), exposed("blob", "b", X)], ["b"]],
  ["wrong, then right", [hashed("b", D, X), hashed("b", D, D), exposed("blob", "b", D)], []],
  ["right, then wrong", [hashed("b", D, D), hashed("b", D, X), exposed("blob", "b", D)], ["b"]],
  ["another blob was hashed", [hashed("c", D, D), exposed("blob", "b", D)], ["b"]],
  ["nobody told a digest", [hashed("b", null, D), exposed("blob", "b", D), proof("b", D)], []],
  ["nor does a proof", [hashed("b", null, D), exposed("blob", "b", D)], ["b"]],
  ["a proof of something else", [hashed("b", null, D), exposed("blob", "b", D), proof("b", X)], ["b"]],
  ["its name is its digest", [hashed(NAMED, D, D), exposed("blob", NAMED, D)], []],
  ["its name is another digest", [hashed(NAMED, X, X), exposed("blob", NAMED, X)], [NAMED]],
  ["bytes came after the hash", [hashed("b", D, D), done("a"), exposed("blob", "b", D)], ["b"]],
  ["a repair after the hash", [hashed("b", D, D), repair(), exposed("blob", "b", D)], ["b"]],
  ["a repair of another blob", [hashed("b", D, D), repair("c#0"), exposed("blob", "b", D)], []],
  ["manifest after its blobs", [hashed("b", D, D), proof("b", D), exposed("manifest", "m", X)], []],
  ["manifest before a hash", [exposed("manifest", "m", X), hashed("b", D, D), proof("b", D)], ["m"]],
  ["manifest with a wrong blob", [hashed("b", D, X), proof("b", D), exposed("manifest", "m", X)], ["m"]],
  ["a push published too early", [published(X), hashed("b", D, D), proof("b", D)], ["manifest"]],
  ["a push published in time", [hashed("b", D, D), proof("b", D), published(X)], []],
  [
    "a blob after its manifest",
    [hashed("b", D, D), proof("b", D), exposed("manifest", "m", X), exposed("blob", "b", D)],
    ["m"],
  ],
])("exposure: %s", (_, steps, names) => {
  expect(evidence(steps).closing.exposed_unverified).toEqual(names);
});

const pair = (path: string, recorded: string, recomputed: string) => ({ path, recorded, recomputed });

test.each<[string, Step[], ReturnType<typeof pair>[]]>([
  ["no proofs", [hashed("b", D, D)], []],
  ["borne out", [hashed("b", D, D), proof("b", D)], [pair("b", D, D)]],
  ["borne out later", [proof("b", D), hashed("b", D, D)], [pair("b", D, D)]],
  ["the last hash counts", [hashed("b", D, X), hashed("b", D, D), proof("b", D)], [pair("b", D, D)]],
  ["another digest", [hashed("b", D, X), proof("b", D)], [pair("b", D, X)]],
  ["never hashed", [proof("b", D)], [pair("b", D, "")]],
  [
    "each proof by itself",
    [hashed("b", D, D), proof("b", D), proof("b", X)],
    [pair("b", D, D), pair("b", X, D)],
  ],
  ["the manifest, read back", [manifest(X, X), published(X)], [pair("manifest", X, X)]],
  [
    "published without a proof",
    [hashed("b", D, D), published(X)],
    [pair("manifest", "", X), pair("b", "", D)],
  ],
])("proofs: %s", (_, steps, digests) => {
  expect(evidence(steps).closing.digests).toEqual(digests);
});

test("the small pull is clean in every way", () => {
  const { state, closing, unreadable } = evidence(smallPull());
  expect(unreadable).toEqual([]);
  expect(state).toEqual({
    ...{ manifest_hash: digest("e"), expected_manifest_hash: digest("e") },
    ...{ journal_gaps: 0, pending_operations: 0, leaked_obligations: 0, path_outcomes_consistent: true },
  });
  expect(closing).toEqual({
    ...{ exposed_unverified: [], undrained_workers: 0 },
    digests: [pair("manifest", digest("e"), digest("e")), pair("blob", digest("b"), digest("b"))],
  });
});
