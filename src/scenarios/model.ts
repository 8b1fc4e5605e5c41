import { sizeOf, virtualRun } from "../sim/data.ts";
import type { FaultPlan } from "../sim/faults.ts";
import { fileServer, type SimServer } from "../sim/server.ts";
import type { SimProcess, SimWorld } from "../sim/sim.ts";
import type { Ended } from "../sim/process.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import { openOrMakeStore } from "../store/store.ts";
import { httpClient } from "../transfer/http/client.ts";
import { urlRemote } from "../transfer/places/https.ts";
import { parseUrl } from "../transfer/places/reference-url.ts";
import { pull } from "../transfer/pull.ts";
import type { Pulled, PullRequest } from "../transfer/pull-request.ts";
import { type Expected, STORE } from "./judge-store.ts";
import type { Part, Stage } from "./stage.ts";

/** What the engine makes of a small blob. */
export const CHUNK_BYTES: number = 2 * 1024 * 1024;
const LAST_BYTES = 70_000;
const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };
/**
 * As a person would have it: a few more tries, and half a minute for one that stands still. Synced more often: a
 * model of a few chunks shall meet a power cut in all the states of a large one.
 */
const OPTIONS = { retries: 6, stallMs: 30_000, unsyncedBytes: 8 * CHUNK_BYTES };

/** A model that hosts serve as one file. */
export interface ServedModel extends Expected {
  readonly hosts: readonly string[];
  readonly path: string;
  /** Bytes of its bodies that were sent, whatever became of them. */
  readonly served: { readonly bytes: number };
}

export interface ServingHost {
  readonly name: string;
  /** Other faults than the stage's. */
  readonly plan?: FaultPlan["net"];
}

/** A model's size: its last chunk is short, as that of most files is. */
export function sizeOfChunks(chunks: number): number {
  return chunks === 0 ? 0 : (chunks - 1) * CHUNK_BYTES + LAST_BYTES;
}

/** Puts a model of so many chunks on the given hosts. `number` tells one model from another. */
export function serveModel(
  stage: Stage,
  number: number,
  chunks: number,
  hosts: readonly ServingHost[],
): ServedModel {
  const { sim } = stage;
  const sizeBytes = sizeOfChunks(chunks);
  const body = [virtualRun(number, 0, sizeBytes)];
  const path = `/m${number}.gguf`;
  const served = { bytes: 0 };
  for (const { name, plan } of hosts) {
    const serve = fileServer(new Map([[path, { body, etag: `"${name}"` }]]));
    const counting: SimServer = (request) => {
      const answer = serve(request);
      if (request.method === "GET") served.bytes += sizeOf(answer.body);
      return answer;
    };
    sim.net.serve(name, counting, plan);
  }
  const digest = `sha256:${sim.digestOf(body)}`;
  const names = hosts.map(({ name }) => name);
  return { ref: parseRef(`m:${number}`), digest, sizeBytes, hosts: names, path, served };
}

/** Makes an empty store that is on the medium. */
export function makeStore(stage: Stage): Promise<void> {
  return inPeace(stage, ({ world }) => openOrMakeStore(world, STORE));
}

/** Pulls before the story begins, when nothing can fail yet; what it brought is on the medium. */
export function pullFirst(stage: Stage, model: ServedModel, target: Ref = model.ref): Promise<void> {
  const { signal } = new AbortController();
  return inPeace(stage, (started) => pullWith(started, model, () => undefined, signal, target));
}

/** Runs a program before the story begins, when nothing can fail yet; what it wrote is on the medium. */
export async function inPeace<T>(stage: Stage, main: (started: SimProcess) => Promise<T>): Promise<void> {
  const { disk, net } = stage.sim;
  const calm = (is: boolean): void => {
    disk.calm = is;
    for (const host of net.hosts.values()) host.calm = is;
  };
  calm(true);
  const ended = await stage.run(main);
  if (ended.kind !== "done") throw new Error(`what comes before the story has ${ended.kind}`);
  calm(false);
  disk.syncAll();
}

/** What a `pull` of this model is. */
export function pullIn(
  { emit, started }: Pick<Part, "emit" | "started">,
  model: ServedModel,
  signal: AbortSignal = new AbortController().signal,
  target: Ref = model.ref,
): Promise<Ended<Pulled>> {
  return started.process.run(() => pullWith(started, model, emit, signal, target));
}

function pullWith(
  started: SimProcess,
  model: ServedModel,
  emit: Part["emit"],
  signal: AbortSignal,
  target: Ref,
): Promise<Pulled> {
  const remotes = remotesOf(started.world, model);
  return pullFrom(started, { ref: `https://${model.hosts[0]}${model.path}`, remotes, emit, signal, target });
}

/** The pull itself, with the options that a person has. */
export async function pullFrom(
  { world }: SimProcess,
  request: Pick<PullRequest, "ref" | "remotes" | "emit" | "signal" | "target">,
): Promise<Pulled> {
  const store = await openOrMakeStore(world, STORE);
  return pull(world, store, {
    ...request,
    from: [],
    replace: false,
    describe: () => Promise.resolve(SUMMARY),
    options: OPTIONS,
    tell: () => undefined,
  });
}

function remotesOf(world: SimWorld, { digest, hosts, path }: ServedModel) {
  const client = httpClient(world.net);
  const hex = digest.slice("sha256:".length);
  return hosts.map((host) =>
    urlRemote({ world, client }, parseUrl(`https://${host}${path}#sha256=${hex}`, {})),
  );
}
