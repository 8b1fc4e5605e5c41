import { hash } from "node:crypto";
import { TraceBuffer, type TraceEvent } from "../../../src/evidence/trace.ts";
import { virtualRun } from "../../../src/sim/data.ts";
import { fileServer } from "../../../src/sim/server.ts";
import { standInDigest } from "../../../src/sim/stand-in.ts";
import { Sim, type SimOptions, type SimProcess, type SimWorld } from "../../../src/sim/sim.ts";
import type { Ended } from "../../../src/sim/process.ts";
import { parseRef } from "../../../src/store/ref.ts";
import { openOrMakeStore } from "../../../src/store/store.ts";
import { httpClient } from "../../../src/transfer/http/client.ts";
import { urlRemote } from "../../../src/transfer/places/https.ts";
import { parseUrl } from "../../../src/transfer/places/reference-url.ts";
import { pull } from "../../../src/transfer/pull.ts";
import type { Pulled } from "../../../src/transfer/pull-request.ts";
import type { Remote } from "../../../src/transfer/remote.ts";

export const STORE = "/models";
export const CHUNK_BYTES: number = 2 * 1024 * 1024;
const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };

export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

export interface Pulling {
  readonly sim: Sim;
  /** SHA-256 of the model, as this world has it. */
  readonly hex: string;
  readonly sizeBytes: number;
  readonly hosts: readonly string[];
}

export interface Attempted {
  readonly ended: Ended<Pulled>;
  readonly trace: readonly TraceEvent[];
}

/** A world with a model of so many chunks on each host. */
export function pulling(options: Omit<SimOptions, "sha256">, chunks = 64, hosts = ["a.example"]): Pulling {
  const { choices, ...rest } = options;
  const sim = new Sim({ choices, sha256: standInDigest, ...rest });
  const sizeBytes = chunks * CHUNK_BYTES;
  const body = [virtualRun(1, 0, sizeBytes)];
  for (const host of hosts) {
    sim.net.serve(host, fileServer(new Map([["/m.gguf", { body, etag: `"${host}"` }]])));
  }
  return { sim, hex: sim.digestOf(body), sizeBytes, hosts };
}

/** Reading a REF or a URL is no part of a pull. */
const TARGET = parseRef("m:1");
const KNOWN = new Map<string, ReturnType<typeof parseUrl>>();

function parsed(url: string): ReturnType<typeof parseUrl> {
  const known = KNOWN.get(url) ?? parseUrl(url, {});
  KNOWN.set(url, known);
  return known;
}

function remotesOf(world: SimWorld, { hex, hosts }: Pulling): Remote[] {
  const client = httpClient(world.net);
  return hosts.map((host) => urlRemote({ world, client }, parsed(`https://${host}/m.gguf#sha256=${hex}`)));
}

/** Makes an empty store that is on the medium. */
export async function makeStore({ sim }: Pulling): Promise<void> {
  const { process, world } = sim.start();
  const made = await process.run(() => openOrMakeStore(world, STORE));
  if (made.kind !== "done") throw new Error(made.kind);
  sim.disk.syncAll();
}

/** One process that pulls the model, to its end. */
export async function pullOnce(
  { process, world }: SimProcess,
  setting: Pulling,
  signal?: AbortSignal,
): Promise<Attempted> {
  const trace = new TraceBuffer(world.clock);
  const ended = await process.run(async () => {
    const store = await openOrMakeStore(world, STORE);
    return pull(world, store, {
      ref: `https://${setting.hosts[0]}/m.gguf`,
      from: [],
      remotes: remotesOf(world, setting),
      target: TARGET,
      replace: false,
      describe: () => Promise.resolve(SUMMARY),
      options: { retries: 6, stallMs: 30_000 },
      emit: (kind, data) => trace.emit(kind, data),
      tell: () => undefined,
      signal: signal ?? new AbortController().signal,
    });
  });
  return { ended, trace: trace.events };
}
