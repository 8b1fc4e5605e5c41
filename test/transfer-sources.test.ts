import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultyServer } from "./support/transfer/scoped.ts";
import { errorOf, stage } from "./support/transfer/stage.ts";
import type { FaultyServer } from "./support/transfer/faulty/server.ts";
import type { Fault } from "./support/transfer/faulty/types.ts";
import { imageOf, imagePaths, modelOf, type TestBlob } from "./support/transfer/model.ts";

// Pulls from several sources at once, and from places that change or lead elsewhere.

const MIB = 1024 * 1024;
const CHUNK = 2 * MIB;
const MODEL = modelOf(20 * MIB - 4096);
const IMAGE = imageOf(MODEL);
const OTHER = modelOf(20 * MIB - 4096, "other");
const LONGER = modelOf(24 * MIB, "longer");
const NAME = "lib/tiny";
const FILE = "/files/tiny.gguf";
const LIMIT_MS = 100_000;
const AS = ["--plain-http", "--as", "t:a"];

function registry(faults: readonly Fault[] = [], bytesPerSecond?: number): Promise<FaultyServer> {
  const rate = bytesPerSecond === undefined ? {} : { bytesPerSecond };
  return faultyServer({ content: imagePaths(IMAGE, NAME, "a"), faults, ...rate });
}

const refOf = (server: FaultyServer): string => `${server.host}/${NAME}:a`;
const fileServer = (faults: readonly Fault[] = [], model: TestBlob = MODEL): Promise<FaultyServer> =>
  faultyServer({ content: { [FILE]: { bytes: model.bytes } }, faults });

test("two sources share the work, and no byte comes twice", { timeout: LIMIT_MS }, async () => {
  const [one, two] = [await registry([], 20 * MIB), await registry([], 20 * MIB)];
  const at = stage();
  const pulled = at.expectModel(await at.pull(refOf(one), [...AS, "--from", refOf(two)]), MODEL);
  expect(pulled.sources.map(({ bytes }) => bytes > MODEL.bytes.length / 4)).toEqual([true, true]);
  const sent = one.sentBytes(MODEL.digest) + two.sentBytes(MODEL.digest);
  // A race at the end may cost the last chunks of one source.
  expect(sent).toBeLessThanOrEqual(MODEL.bytes.length + 4 * CHUNK);
});

test.each([
  ["in one chunk", [3 * CHUNK + 5]],
  ["in many chunks", [5, CHUNK + 5, 2 * CHUNK + 5, 4 * CHUNK + 5, 6 * CHUNK + 5, 9 * CHUNK + 5]],
])(
  "a source that lies %s is named and dropped; the pull is whole",
  { timeout: LIMIT_MS },
  async (_, places) => {
    const liar = await registry(
      places.map((at): Fault => ({ to: "content", does: { kind: "wrong-byte", at } })),
    );
    const honest = await registry([], 10 * MIB);
    const at = stage();
    const result = await at.pull(refOf(honest), [...AS, "--from", refOf(liar)]);
    const pulled = at.expectModel(result, MODEL);
    expect(liar.hits(), "the liar was never asked").toBeGreaterThan(0);
    expect(pulled.sources.find(({ name }) => name.includes(String(liar.port)))?.dropped).toEqual(
      expect.any(String),
    );
    expect(pulled.sources.find(({ name }) => name.includes(String(honest.port)))?.dropped).toBeNull();
    expect(pulled.repairs).toBeGreaterThan(0);
  },
);

test("a source that dies half way leaves the work to the other", { timeout: LIMIT_MS }, async () => {
  const dying = await registry([], 20 * MIB);
  const other = await registry([], 20 * MIB);
  const at = stage();
  const pull = at.startPull(refOf(other), [...AS, "--from", refOf(dying)]);
  for (let turn = 0; turn < 500 && dying.sentBytes(MODEL.digest) < 3 * MIB; turn++) await pause(10);
  await dying.close();
  at.expectModel(await pull.result, MODEL);
});

test("a pull goes on from another source after the first is gone for good", {
  timeout: LIMIT_MS,
}, async () => {
  const first = await registry([{ to: "ranges", from: 6, does: { kind: "no-head" } }]);
  const at = stage();
  const failed = await at.pull(refOf(first), AS);
  expect(failed.code).toBe(10);
  const second = await registry();
  const [unfinished] = await at.transfers();
  expect(unfinished).toMatchObject({ live: false });
  const pulled = at.expectModel(await at.pull(refOf(first), [...AS, "--from", refOf(second)]), MODEL);
  expect(pulled.resumed).toBeGreaterThan(0);
  expect(second.sentBytes(MODEL.digest)).toBeLessThan(MODEL.bytes.length);
});

test.each([
  ["the same length", OTHER],
  ["another length", LONGER],
])(
  "a URL whose content changes meanwhile to %s gives the new content, whole",
  {
    timeout: LIMIT_MS,
  },
  async (_, next) => {
    const change: Fault = { to: "ranges", from: 4, times: 1, does: { kind: "changed", bytes: next.bytes } };
    const server = await fileServer([change]);
    const at = stage();
    const first = await at.pull(server.url + FILE, ["--as", "t:a"]);
    expect(server.hits()).toBe(1);
    at.expectModel(first, next);
  },
);

test("a URL that changes between two runs starts again", { timeout: LIMIT_MS }, async () => {
  const server = await fileServer([{ to: "ranges", from: 6, does: { kind: "no-head" } }]);
  const at = stage();
  expect((await at.pull(server.url + FILE, ["--as", "t:a"])).code).toBe(10);
  await server.close();
  await faultyServer({ content: { [FILE]: { bytes: OTHER.bytes } }, port: server.port });
  at.expectModel(await at.pull(server.url + FILE, ["--as", "t:a"]), OTHER);
});

test("a URL with a digest takes nothing else", { timeout: LIMIT_MS }, async () => {
  const server = await fileServer([], OTHER);
  const at = stage();
  const result = await at.pull(`${server.url}${FILE}#sha256=${MODEL.hex}`, ["--as", "t:a"]);
  expect([4, 5, 10]).toContain(result.code);
  errorOf(result);
  at.expectNothing();
  const right = await fileServer();
  const other = stage();
  other.expectModel(await other.pull(`${right.url}${FILE}#sha256=${MODEL.hex}`, ["--as", "t:b"]), MODEL);
});

test("credentials stay at their host when a blob lies elsewhere", { timeout: LIMIT_MS }, async () => {
  const elsewhere = await fileServer();
  const does = { kind: "redirect", to: elsewhere.url + FILE } as const;
  const server = await faultyServer({
    content: imagePaths(IMAGE, NAME, "a"),
    faults: [{ to: "content", path: MODEL.digest, does }],
    bearer: {},
  });
  const at = stage();
  at.expectModel(await at.pull(refOf(server), AS), MODEL);
  expect(server.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
  expect(elsewhere.requests.length).toBeGreaterThan(0);
  expect(elsewhere.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test("user and password of a URL stand in no output, journal or trace", { timeout: LIMIT_MS }, async () => {
  const server = await fileServer([{ to: "ranges", from: 4, does: { kind: "no-head" } }]);
  const at = stage();
  const trace = `${at.folder}/trace`;
  const url = `http://me:hunter2@${server.host}${FILE}?token=hunter3`;
  const result = await at.pull(url, ["--as", "t:a", "--trace", trace]);
  const files = existsSync(at.store)
    ? readdirSync(at.store, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, "latin1"))
    : [];
  const seen = [
    result.stdout,
    result.stderr,
    ...files,
    existsSync(trace) ? readFileSync(trace, "latin1") : "",
  ];
  expect(seen.filter((text) => /hunter[23]/.test(text))).toEqual([]);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
