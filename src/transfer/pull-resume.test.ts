import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../test/support/store.ts";
import {
  CHUNK,
  content,
  expectClean,
  expectWhole,
  fail,
  fileRemote,
  MIB,
  start,
} from "../../test/support/transfer/engine.ts";
import { AprError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { OpenFile } from "../world/files.ts";
import { nodeTransferWorld } from "../world/node/transfer-world.ts";
import { readJournal } from "./journal/journal.ts";
import type { ChunkOutcome } from "./source.ts";
import { listTransfers } from "./transfers.ts";
import type { TransferWorld } from "./world.ts";

// What an earlier run has brought is not lost, and not believed more than it deserves.

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A pull that stops for good after so many chunks. */
async function stopAfter(store: Store, bytes: Buffer, chunks: number): Promise<void> {
  let given = 0;
  const dying = fileRemote("dying", bytes, {
    chunk: (_, __, honest) => {
      given += 1;
      // Late enough for the others to have come.
      return given > chunks ? sleep(300).then(() => fail("refused")) : honest();
    },
  });
  const run = start(store, [dying], { options: { retries: 0, stallMs: 5000 } });
  await expect(run.pulled).rejects.toMatchObject({ kind: "network" });
  expectClean(run);
}

async function keptBytes(store: Store): Promise<number> {
  const [left] = await listTransfers(nodeTransferWorld, store);
  return left?.haveBytes ?? 0;
}

test("what was kept outlives a resume that stops before it has begun", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  await stopAfter(store, bytes, 10);
  const kept = await keptBytes(store);
  expect(kept).toBeGreaterThan(0);
  const good = fileRemote("one", bytes);
  const stopping: ReturnType<typeof start> = start(store, [
    {
      ...good,
      parts: () => {
        stopping.stop.abort(new AprError("interrupted", "stopped by SIGINT"));
        return Promise.resolve(null);
      },
    },
  ]);
  await expect(stopping.pulled).rejects.toMatchObject({ kind: "interrupted" });
  expectClean(stopping);
  expect(await keptBytes(store)).toBe(kept);
  const { resumedBytes } = await start(store, [good]).pulled;
  expect(resumedBytes).toBe(kept);
  await expectWhole(store, bytes);
});

test("a torn end of the journal costs what it spoke of, and no more", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  await stopAfter(store, bytes, 10);
  const kept = await keptBytes(store);
  const [name = ""] = readdirSync(`${store.root}/transfers`);
  const path = `${store.root}/transfers/${name}/journal`;
  appendFileSync(path, '{"n":99,"prev":"');
  const run = start(store, [fileRemote("one", bytes)]);
  expect((await run.pulled).resumedBytes).toBe(kept);
  expectClean(run);
});

test("a flipped byte in the middle of the journal ends what it says there", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  await stopAfter(store, bytes, 10);
  const [name = ""] = readdirSync(`${store.root}/transfers`);
  const path = `${store.root}/transfers/${name}/journal`;
  const journal = readFileSync(path);
  const middle = Math.floor(journal.length / 2);
  journal[middle] = (journal[middle] ?? 0) ^ 1;
  writeFileSync(path, journal);
  const run = start(store, [fileRemote("one", bytes)]);
  expect((await run.pulled).resumedBytes).toBeLessThan(10 * CHUNK);
  expectClean(run);
  await expectWhole(store, bytes);
});

test("a part file that is not there any more is fetched again", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  await stopAfter(store, bytes, 10);
  const [name = ""] = readdirSync(`${store.root}/transfers`);
  const folder = `${store.root}/transfers/${name}`;
  const part = readdirSync(folder).find((each) => each.startsWith("sha256-")) ?? "";
  writeFileSync(`${folder}/${part}`, "short");
  const run = start(store, [fileRemote("one", bytes)]);
  await run.pulled;
  expectClean(run);
  await expectWhole(store, bytes);
});

/** The real disk, with the part files' sync in a test's hands. */
function syncing(sync: (honest: () => Promise<void>) => Promise<void>): TransferWorld {
  const { files } = nodeTransferWorld;
  const openUpdate = async (path: string): Promise<OpenFile> => {
    const file = await files.openUpdate(path);
    if (!/\/(sha256|file)-[0-9a-f]{64}$/.test(path)) return file;
    const honest = file.sync.bind(file);
    file.sync = () => sync(honest);
    return file;
  };
  return { ...nodeTransferWorld, files: { ...files, openUpdate } };
}

test("a failed sync is not forgotten: what it spoke of is fetched again", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  let calls = 0;
  const world = syncing((honest) => {
    calls += 1;
    // A disk says so once, and yes from then on.
    if (calls > 1) return honest();
    return Promise.reject(Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" }));
  });
  const run = start({ ...store, world }, [fileRemote("one", bytes)], {}, world);
  await expect(run.pulled).rejects.toMatchObject({ kind: "io" });
  expectClean(run);
  expect(await keptBytes(store)).toBe(0);
  const again = start(store, [fileRemote("one", bytes)]);
  expect((await again.pulled).resumedBytes).toBe(0);
  await expectWhole(store, bytes);
});

test("chunks of an earlier run are synced before the journal says that they are", async () => {
  const { store } = await newStore();
  const bytes = content(40 * MIB);
  await stopAfter(store, bytes, 3);
  const order: string[] = [];
  const world = syncing((honest) => {
    order.push("data");
    return honest();
  });
  const dead = fileRemote("one", bytes, {
    chunk: () => Promise.resolve({ ...fail("gone"), retry: "never" } as ChunkOutcome),
  });
  await expect(start({ ...store, world }, [dead], {}, world).pulled).rejects.toMatchObject({
    kind: "network",
  });
  expect(order).toEqual(["data"]);
  const [name = ""] = readdirSync(`${store.root}/transfers`);
  const folder = `${store.root}/transfers/${name}`;
  const rebooted = { ...nodeTransferWorld, host: { ...nodeTransferWorld.host, bootId: "another" } };
  const { blobs } = await readJournal(rebooted, `${folder}/journal`);
  expect([...blobs.values()].map(({ have }) => have.size)).toEqual([3]);
});

test("a folder of a process of an earlier start of the machine is taken over, whoever has its number now", async () => {
  const { store } = await newStore();
  const bytes = content(12 * MIB);
  await stopAfter(store, bytes, 2);
  const [name = ""] = readdirSync(`${store.root}/transfers`);
  const { host } = nodeTransferWorld;
  const [pull = "", holder = "", , unique = ""] = name.split(".");
  const theirs = `${store.root}/transfers/${[pull, holder, String(process.ppid), unique].join(".")}`;
  renameSync(`${store.root}/transfers/${name}`, theirs);
  writeFileSync(`${theirs}/alive`, `not-${host.bootId}`);
  const run = start(store, [fileRemote("one", bytes)]);
  expect((await run.pulled).resumedBytes).toBe(2 * CHUNK);
  expectClean(run);
});

test("two that begin at the same moment: one fetches, the other one waits for it", async () => {
  const { store } = await newStore();
  const bytes = content(12 * MIB);
  let given = 0;
  const remotes = ["a", "b", "c"].map((name) =>
    fileRemote(name, bytes, {
      chunk: (_, __, honest) => {
        given += 1;
        return honest();
      },
    }),
  );
  const runs = remotes.map((remote) => start(store, [remote]));
  const pulled = await Promise.all(runs.map((run) => run.pulled));
  expect(pulled.filter(({ created }) => created).length).toBe(1);
  expect(given).toBe(6);
  for (const run of runs) expectClean(run);
  await expectWhole(store, bytes);
});

test("what does not fit is refused before anything takes room", async () => {
  const { store } = await newStore();
  const huge = fileRemote("huge", content(MIB));
  const size = Number.MAX_SAFE_INTEGER;
  const run = start(store, [
    {
      ...huge,
      resolve: () =>
        Promise.resolve({
          kind: "files",
          files: ["1", "2"].map((each) => ({
            ...{
              title: `${each}.gguf`,
              mediaType: "application/x",
              sizeBytes: size,
              digest: null,
              identity: each,
            },
          })),
        }),
    },
  ]);
  await expect(run.pulled).rejects.toMatchObject({ kind: "io", fields: { code: "ENOSPC" } });
  expectClean(run);
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
});

test("a folder that was only claimed does not stay when the work cannot begin", async () => {
  const { store } = await newStore();
  const bytes = content(MIB);
  const { files } = nodeTransferWorld;
  const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const world: TransferWorld = {
    ...nodeTransferWorld,
    files: {
      ...files,
      write: (path, ...rest) =>
        path.endsWith("lease.next") ? Promise.reject(full) : files.write(path, ...rest),
    },
  };
  const run = start({ ...store, world }, [fileRemote("one", bytes)], {}, world);
  await expect(run.pulled).rejects.toMatchObject({ code: "ENOSPC" });
  expect(readdirSync(`${store.root}/transfers`)).toEqual([]);
  expect(existsSync(`${store.root}/manifests/registry.ollama.ai`)).toBe(false);
});
