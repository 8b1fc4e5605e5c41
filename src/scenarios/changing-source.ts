import { AprError } from "../base/errors.ts";
import { type Run, virtualRun } from "../sim/data.ts";
import { NO_FAULTS, ROUGH_NET } from "../sim/faults.ts";
import type { Ended } from "../sim/process.ts";
import { fileServer } from "../sim/server.ts";
import { parseRef } from "../store/ref.ts";
import { httpClient } from "../transfer/http/client.ts";
import { urlRemote } from "../transfer/places/https.ts";
import { parseUrl } from "../transfer/places/reference-url.ts";
import { judgePart } from "./judge.ts";
import { type Expected, judgeStore } from "./judge-store.ts";
import { makeStore, pullFrom, sizeOfChunks } from "./model.ts";
import type { Part, Stage } from "./stage.ts";
import type { Scenario } from "./types.ts";

const REF = parseRef("m:1");
const URL_TEXT = "https://a.example/m.gguf";
/** The file may change this often. */
const CHANGES = 2;
const WITHIN_STEPS = 300;
const RUNS = 3;

/** A file whose digest nobody knows is replaced by another one while it is pulled. */
export const changingSource: Scenario = {
  name: "changing-source",
  title: "a file without a known digest that changes at its server while it is pulled, and between runs",
  invariants: [
    "what is published is one version, whole; never a mixture of two",
    "the last run, which nothing disturbs, comes to its end",
    "no obligation stays open, no worker runs on, every way to a chunk ends once",
  ],
  params: { chunks: 6 },
  setting: () => ({ faults: { ...NO_FAULTS, net: ROUGH_NET }, maxSteps: 200_000 }),
  async play(stage) {
    const { sim } = stage;
    const sizeBytes = sizeOfChunks(stage.param("chunks"));
    const versions = Array.from({ length: CHANGES + 1 }, (_, index): Run[] => [
      virtualRun(21 + index, 0, sizeBytes),
    ]);
    const now = { version: 0 };
    sim.net.serve("a.example", (request) => {
      const body = versions[now.version] ?? [];
      return fileServer(new Map([["/m.gguf", { body, etag: `"v${now.version}"` }]]))(request);
    });
    await makeStore(stage);
    if (stage.choose(2) === 0) sim.calm();
    for (let change = 0; change < CHANGES; change++) {
      sim.may(WITHIN_STEPS, () => {
        sim.coverage.hit("file change");
        now.version += 1;
      });
    }
    const ended = await untilDone(stage);
    if (ended.kind !== "done" && !isTaken(ended)) stage.broken("not_done", `the last run has ${ended.kind}`);
    const [first, ...others] = versions.map(
      (body): Expected => ({ ref: REF, digest: `sha256:${sim.digestOf(body)}`, sizeBytes }),
    );
    if (first === undefined) throw new Error("no version");
    await judgeStore(stage, { must: [first], may: others });
  },
};

async function untilDone(stage: Stage): Promise<Ended<unknown>> {
  let ended: Ended<unknown> = { kind: "killed" };
  for (let run = 1; run <= RUNS && ended.kind !== "done"; run++) {
    if (run === RUNS) stage.sim.calm();
    const part = stage.start("pull");
    if (run < RUNS && stage.choose(2) === 1) stage.sim.mayKill(part.started.process, WITHIN_STEPS);
    ended = await pullOnce(part);
    judgePart(stage, part, ended, { mayFail: (code) => code === "destination-exists" });
  }
  return ended;
}

/** A run that was killed had published another version before. */
function isTaken(ended: Ended<unknown>): boolean {
  return (
    ended.kind === "failed" &&
    ended.error instanceof AprError &&
    ended.error.fields["code"] === "destination-exists"
  );
}

function pullOnce({ emit, started }: Part): Promise<Ended<unknown>> {
  const { process, world } = started;
  const remote = urlRemote({ world, client: httpClient(world.net) }, parseUrl(URL_TEXT, {}));
  const { signal } = new AbortController();
  return process.run(() =>
    pullFrom(started, { ref: URL_TEXT, target: REF, remotes: [remote], emit, signal }),
  );
}
