import { virtualRun } from "../sim/data.ts";
import { fileServer } from "../sim/server.ts";
import type { SimProcess, SimWorld } from "../sim/sim.ts";
import type { Ended } from "../sim/process.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import { openOrMakeStore } from "../store/store.ts";
import { httpClient } from "../transfer/http/client.ts";
import { urlRemote } from "../transfer/places/https.ts";
import { parseUrl } from "../transfer/places/reference-url.ts";
import { pull, type Pulled } from "../transfer/pull.ts";
import { type Expected, STORE } from "./judge.ts";
import type { Part, Stage } from "./stage.ts";

const CHUNK_BYTES = 2 * 1024 * 1024;
const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };
/** As a person would have it: a few more tries, and half a minute for one that stands still. */
const OPTIONS = { retries: 6, stallMs: 30_000 };

/** A model that hosts serve as one file. */
export interface ServedModel extends Expected {
  readonly hosts: readonly string[];
  readonly path: string;
}

/** Puts a model of so many chunks on the given hosts. `number` tells one model from another. */
export function serveModel(
  stage: Stage,
  number: number,
  chunks: number,
  hosts: readonly string[],
): ServedModel {
  const { sim } = stage;
  const sizeBytes = chunks * CHUNK_BYTES;
  const body = [virtualRun(number, 0, sizeBytes)];
  const path = `/m${number}.gguf`;
  for (const host of hosts) {
    sim.net.serve(host, fileServer(new Map([[path, { body, etag: `"${host}"` }]])));
  }
  const digest = `sha256:${sim.digestOf(body)}`;
  return { ref: parseRef(`m:${number}`), digest, sizeBytes, hosts, path };
}

/** Makes an empty store that is on the medium. */
export async function makeStore(stage: Stage): Promise<void> {
  const { disk } = stage.sim;
  disk.calm = true;
  const made = await stage.run(({ world }) => openOrMakeStore(world, STORE));
  disk.calm = false;
  if (made.kind === "failed") throw made.error;
  disk.syncAll();
}

/** What a `pull` of this model is. */
export function pullIn(
  { emit, started }: Pick<Part, "emit" | "started">,
  model: ServedModel,
  signal: AbortSignal = new AbortController().signal,
  target: Ref = model.ref,
): Promise<Ended<Pulled>> {
  const { process, world }: SimProcess = started;
  return process.run(async () => {
    const store = await openOrMakeStore(world, STORE);
    return pull(world, store, {
      ref: `https://${model.hosts[0]}${model.path}`,
      from: [],
      remotes: remotesOf(world, model),
      target,
      replace: false,
      describe: () => Promise.resolve(SUMMARY),
      options: OPTIONS,
      emit,
      tell: () => undefined,
      signal,
    });
  });
}

function remotesOf(world: SimWorld, { digest, hosts, path }: ServedModel) {
  const client = httpClient(world.net);
  const hex = digest.slice("sha256:".length);
  return hosts.map((host) =>
    urlRemote({ world, client }, parseUrl(`https://${host}${path}#sha256=${hex}`, {})),
  );
}
