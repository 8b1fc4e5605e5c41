import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import { tempDir } from "../../test/support/temp.ts";
import { AprError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { TraceBuffer } from "../evidence/trace.ts";
import { parseRef } from "../store/ref.ts";
import { readTag } from "../store/tags.ts";
import type { Store } from "../store/store.ts";
import { nodeTransferWorld } from "../world/node/transfer-world.ts";
import { localBlob } from "./places/local-blob.ts";
import { type Pulled, pull, type PullRequest } from "./pull.ts";
import type { Remote } from "./remote.ts";
import type { BlobSource, ChunkOutcome, ChunkRequest } from "./source.ts";
import { listTransfers } from "./transfers.ts";

const MIB = 1024 * 1024;
const CHUNK = 2 * MIB;
const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };

/** Bytes that differ everywhere, the same in every run. */
function content(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

interface Meddling {
  /** Instead of the chunk that was asked for; null leaves it alone. */
  readonly chunk?: (
    request: ChunkRequest,
    index: number,
    honest: () => Promise<ChunkOutcome>,
  ) => Promise<ChunkOutcome>;
}

/** A remote of one file, over the real disk; a test may meddle with its chunks. */
function fileRemote(name: string, bytes: Buffer, { chunk }: Meddling = {}, told = sha256(bytes)): Remote {
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
      whole: (request) => honest.whole(request),
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
  };
}

interface Run {
  readonly trace: TraceBuffer;
  readonly pulled: Promise<Pulled>;
  readonly stop: AbortController;
}

function start(store: Store, remotes: readonly Remote[], options: Partial<PullRequest> = {}): Run {
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
    emit: (kind, data) => trace.emit(kind, { ...data } as JsonObject),
    tell: () => undefined,
    signal: stop.signal,
    ...options,
  };
  return { trace, stop, pulled: pull(nodeTransferWorld, store, request) };
}

function openObligations({ trace }: Run): string[] {
  const open = new Set<string>();
  for (const { kind, data } of trace.events) {
    const id = String(data?.["id"]);
    if (kind === "reserve") open.add(id);
    if (kind === "commit" || kind === "abort") open.delete(id);
  }
  return [...open];
}

async function expectWhole(store: Store, bytes: Buffer): Promise<void> {
  const entry = await readTag(store, parseRef("m:1"));
  if (entry?.kind !== "tag") throw new Error("no tag");
  const [layer] = entry.image.layers;
  expect(layer?.digest).toBe(sha256(bytes));
  const path = `${store.root}/blobs/${layer?.digest.replace(":", "-")}`;
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
  expect(readdirSync(`${store.root}/ingest`)).toEqual([]);
}

const fail = (why: string): ChunkOutcome => ({
  ...{ kind: "failed", code: "cut", why, retry: "soon", afterMs: null },
});

test("a file comes whole, under its tag, with every obligation ended", async () => {
  const { store } = await newStore();
  const bytes = content(9 * MIB + 5);
  const run = start(store, [fileRemote("one", bytes)]);
  expect(await run.pulled).toMatchObject({ tag: "m:1", created: true, resumedBytes: 0, repairs: 0 });
  await expectWhole(store, bytes);
  expect(openObligations(run)).toEqual([]);
  expect((await start(store, [fileRemote("one", bytes)]).pulled).created).toBe(false);
});

test("an empty file, and one larger than what is hashed in one thread", async () => {
  for (const size of [0, 1, CHUNK, 40 * MIB + 1]) {
    const { store } = await newStore();
    const bytes = content(size);
    await start(store, [fileRemote("one", bytes)]).pulled;
    await expectWhole(store, bytes);
  }
});

test("chunks that fail once come again, by another source where there is one", async () => {
  for (const others of [[], ["two"]]) {
    const { store } = await newStore();
    const bytes = content(12 * MIB);
    const failed = new Set<number>();
    const flaky = fileRemote("one", bytes, {
      chunk: (_, index, honest) => {
        if (failed.has(index)) return honest();
        failed.add(index);
        return Promise.resolve(fail("cut"));
      },
    });
    const run = start(store, [flaky, ...others.map((name) => fileRemote(name, bytes))]);
    await run.pulled;
    await expectWhole(store, bytes);
    expect(openObligations(run)).toEqual([]);
  }
});

test("a source that always fails ends the pull, and the next run goes on from another source", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  let given = 0;
  const dying = fileRemote("one", bytes, {
    chunk: (_, __, honest) => {
      given += 1;
      return given > 10 ? Promise.resolve(fail("refused")) : honest();
    },
  });
  const first = start(store, [dying]);
  await expect(first.pulled).rejects.toMatchObject({ kind: "network", fields: { code: "cut" } });
  expect(openObligations(first)).toEqual([]);
  expect(await readTag(store, parseRef("m:1"))).toBe(null);
  const [left] = await listTransfers(nodeTransferWorld, store);
  expect(left).toMatchObject({ tag: "m:1", haveBytes: 10 * CHUNK, totalBytes: 40 * MIB });
  const asked: number[] = [];
  const two = fileRemote("two", bytes, {
    chunk: (_, index, honest) => {
      asked.push(index);
      return honest();
    },
  });
  const second = await start(store, [two]).pulled;
  expect(second.resumedBytes).toBe(10 * CHUNK);
  expect(asked.length).toBe(10);
  await expectWhole(store, bytes);
});

test("without digests of parts, the source that served wrong bytes is found, named and dropped", async () => {
  for (const size of [12 * MIB, 48 * MIB]) {
    const { store } = await newStore();
    const bytes = content(size);
    const liar = fileRemote("liar", bytes, {
      async chunk(request, index, honest) {
        const outcome = await honest();
        if (index === 2) await request.file.writeAt(new Uint8Array(8), request.offsetBytes + 100);
        return outcome;
      },
    });
    const run = start(store, [liar, fileRemote("honest", bytes)]);
    const pulled = await run.pulled;
    await expectWhole(store, bytes);
    expect(openObligations(run)).toEqual([]);
    const lied = pulled.sources.find(({ name }) => name === "liar");
    if (pulled.repairs > 0) expect(lied?.dropped).toBe("served wrong bytes");
  }
});

test("a single source that always serves wrong bytes is named, and nothing is visible", async () => {
  const { store } = await newStore();
  const run = start(store, [fileRemote("liar", content(12 * MIB), {}, sha256(content(12 * MIB, 2)))]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "malformed", fields: { code: "wrong-bytes" } });
  await expect(run.pulled).rejects.toThrow("liar");
  expect(readdirSync(`${store.root}/blobs`)).toEqual([]);
  expect(openObligations(run)).toEqual([]);
});

test("a stop drains what is on its way; little is thrown away, much is kept", async () => {
  for (const [size, kept] of [
    [12 * MIB, false],
    [80 * MIB, true],
  ] as const) {
    const { store } = await newStore();
    const bytes = content(size);
    let given = 0;
    const run: Run = start(store, [
      fileRemote("one", bytes, {
        async chunk(_, __, honest) {
          given += 1;
          if (given === (kept ? 20 : 3)) run.stop.abort(new AprError("interrupted", "stopped by SIGINT"));
          return honest();
        },
      }),
    ]);
    await expect(run.pulled).rejects.toMatchObject({ kind: "interrupted" });
    expect(openObligations(run)).toEqual([]);
    expect((await listTransfers(nodeTransferWorld, store)).length).toBe(kept ? 1 : 0);
    expect(existsSync(`${store.root}/manifests/registry.ollama.ai`)).toBe(false);
    await start(store, [fileRemote("one", bytes)]).pulled;
    await expectWhole(store, bytes);
  }
});

test("a source without ranges gives the whole, also when it is the last one left", async () => {
  const { store } = await newStore();
  const bytes = content(12 * MIB);
  const rangeless: Meddling = { chunk: () => Promise.resolve({ kind: "no-ranges" }) };
  let given = 0;
  const dying = fileRemote("dying", bytes, {
    chunk: (_, __, honest) => {
      given += 1;
      return given > 2 ? Promise.resolve({ ...fail("gone"), retry: "never" } as ChunkOutcome) : honest();
    },
  });
  await start(store, [dying, fileRemote("rangeless", bytes, rangeless)]).pulled;
  await expectWhole(store, bytes);
});

test("a tag with other content is kept, unless it is to be replaced", async () => {
  const { store } = await newStore();
  const [one, two] = [content(MIB, 1), content(MIB, 2)];
  await start(store, [fileRemote("one", one)]).pulled;
  await expect(start(store, [fileRemote("two", two)]).pulled).rejects.toMatchObject({ kind: "exists" });
  await expectWhole(store, one);
  await start(store, [fileRemote("two", two)], { replace: true }).pulled;
  await expectWhole(store, two);
});
