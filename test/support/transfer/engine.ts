import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { TraceBuffer } from "../../../src/evidence/trace.ts";
import { judgeTransfer } from "../../../src/oracles/judge.ts";
import { parseRef } from "../../../src/store/ref.ts";
import type { Store } from "../../../src/store/store.ts";
import { readTag } from "../../../src/store/tags.ts";
import { localBlob } from "../../../src/transfer/places/local-blob.ts";
import { pull } from "../../../src/transfer/pull.ts";
import type { Pulled, PullRequest } from "../../../src/transfer/pull-request.ts";
import type { Remote } from "../../../src/transfer/remote.ts";
import type {
  BlobSource,
  ChunkOutcome,
  ChunkRequest,
  WholeOutcome,
  WholeRequest,
} from "../../../src/transfer/source.ts";
import type { TransferWorld } from "../../../src/transfer/world.ts";
import type { PartDigests } from "../../../src/world/hash.ts";
import { nodeTransferWorld } from "../../../src/world/node/transfer-world.ts";
import { tempDir } from "../temp.ts";

// Pulls with the real engine on the real disk, from files, by sources that a test may meddle with.

export const MIB: number = 1024 * 1024;
export const CHUNK: number = 2 * MIB;
const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };

/** Bytes that differ everywhere, the same in every run. */
export function content(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export interface Meddling {
  /** Instead of the chunk that was asked for; null leaves it alone. */
  readonly chunk?: (
    request: ChunkRequest,
    index: number,
    honest: () => Promise<ChunkOutcome>,
  ) => Promise<ChunkOutcome>;
  /** Digests of its parts; none when absent. */
  readonly parts?: PartDigests;
  readonly whole?: (request: WholeRequest, honest: () => Promise<WholeOutcome>) => Promise<WholeOutcome>;
}

/** A remote of one file, over the real disk; a test may meddle with its chunks. */
export function fileRemote(
  name: string,
  bytes: Buffer,
  { chunk, parts, whole }: Meddling = {},
  told = sha256(bytes),
): Remote {
  const path = `${tempDir()}/${name}.gguf`;
  writeFileSync(path, bytes);
  const file = { title: "m.gguf", mediaType: "application/vnd.ollama.image.model" };
  const source = (): BlobSource => {
    const honest = localBlob({ files: nodeTransferWorld.files, path, name });
    return {
      name,
      validator: () => honest.validator(),
      expect: (version) => honest.expect(version),
      forget: () => honest.forget(),
      whole: (request) =>
        whole === undefined ? honest.whole(request) : whole(request, () => honest.whole(request)),
      chunk: (request) =>
        chunk === undefined
          ? honest.chunk(request)
          : chunk(request, request.offsetBytes / CHUNK, () => honest.chunk(request)),
    };
  };
  return {
    name,
    tag: null,
    resolve: () =>
      Promise.resolve({
        kind: "files",
        files: [{ ...file, sizeBytes: bytes.length, digest: told, identity: told }],
      }),
    blob: ({ digest, sizeBytes }) =>
      Promise.resolve(digest === told || sizeBytes === bytes.length ? source() : null),
    parts: () => Promise.resolve(parts ?? null),
  };
}

export interface Run {
  readonly trace: TraceBuffer;
  readonly pulled: Promise<Pulled>;
  readonly stop: AbortController;
}

/** Begins a pull into a store that stays: commands open theirs anew each time, and take an empty one back. */
export function start(
  store: Store,
  remotes: readonly Remote[],
  options: Partial<PullRequest> = {},
  world: TransferWorld = nodeTransferWorld,
): Run {
  const trace = new TraceBuffer(nodeTransferWorld.clock);
  const stop = new AbortController();
  const request: PullRequest = {
    ref: "test",
    from: [],
    remotes,
    target: parseRef("m:1"),
    replace: false,
    describe: () => Promise.resolve(SUMMARY),
    options: { retries: 3, stallMs: 5000 },
    emit: (kind, data) => trace.emit(kind, { ...data }),
    tell: () => undefined,
    signal: stop.signal,
    ...options,
  };
  return { trace, stop, pulled: pull(world, { ...store, made: [] }, request) };
}

/** However a pull ended: nothing that it told of breaks the transfer contract. */
export function expectClean({ trace }: Run): void {
  const { clean, unreadable, violations } = judgeTransfer(trace.events, { name: "pull" });
  expect({ clean, unreadable, violations }).toEqual({ clean: true, unreadable: [], violations: [] });
}

export async function expectWhole(store: Store, bytes: Buffer): Promise<void> {
  const entry = await readTag(store, parseRef("m:1"));
  if (entry?.kind !== "tag") throw new Error("no tag");
  const [layer] = entry.image.layers;
  expect(layer?.digest).toBe(sha256(bytes));
  const path = `${store.root}/blobs/${layer?.digest.replace(":", "-")}`;
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
  expect(readdirSync(`${store.root}/ingest`)).toEqual([]);
}

export const fail = (why: string): ChunkOutcome => ({
  ...{ kind: "failed", code: "cut", why, retry: "soon", afterMs: null },
});

/** Digests of the parts that apr serve would tell. */
export function partsOf(bytes: Buffer, partBytes: number = CHUNK): PartDigests {
  const count = Math.ceil(bytes.length / partBytes);
  const hex = Array.from({ length: count }, (_, index) =>
    sha256(bytes.subarray(index * partBytes, (index + 1) * partBytes)).slice("sha256:".length),
  );
  return { partBytes, hex };
}
