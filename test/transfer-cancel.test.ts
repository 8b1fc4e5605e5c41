import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { processesWith } from "./support/chaos.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";
import { faultyServer } from "./support/transfer/scoped.ts";
import { stage } from "./support/transfer/stage.ts";

// Ctrl-C and SIGTERM at several moments of a pull that takes about two seconds.

const MIB = 1024 * 1024;
const MODEL = modelOf(64 * MIB);
const CONTENT = imagePaths(imageOf(MODEL), "lib/m", "a");
/** What apr has before it says that it keeps something. */
const KEPT_FROM_BYTES = 16 * MIB;
/** A signal must be answered within this. */
const ANSWER_MS = 2000;
const LIMIT_MS = 60_000;

/** When the server has sent so many MiB of the model. */
const MOMENTS = [
  ...[0, 1, 6, 24, 40, 62].map((mib) => ({ signal: "SIGINT", mib }) as const),
  ...[3, 32].map((mib) => ({ signal: "SIGTERM", mib }) as const),
];

test.each(MOMENTS)("$signal after $mib MiB", { timeout: LIMIT_MS }, async ({ signal, mib }) => {
  const sentBytes = mib * MIB;
  const server = await faultyServer({ content: CONTENT, bytesPerSecond: 64 * MIB });
  const at = stage();
  const ref = `${server.host}/lib/m:a`;
  const flags = ["--plain-http", "--as", "t:a"];
  const { child, result } = at.startPull(ref, flags);
  for (let turn = 0; turn < 5000; turn++) {
    if (server.requests.length > 0 && server.sentBytes(MODEL.digest) >= sentBytes) break;
    await pause(2);
  }
  const startMs = performance.now();
  process.kill(-(child.pid ?? 0), signal);
  const ended = await result;
  const tookMs = performance.now() - startMs;
  expect([ended.code, ended.signal], ended.stderr).toEqual([signal === "SIGINT" ? 130 : 143, null]);
  expect(tookMs).toBeLessThan(ANSWER_MS);
  at.expectNothing();
  expect(processesWith(at.folder)).toEqual([]);
  const transfers = await at.transfers();
  // Of what was sent, up to eight chunks are still on their way.
  if (sentBytes > KEPT_FROM_BYTES + 8 * 2 * MIB) {
    expect(transfers).toMatchObject([{ tag: expect.stringContaining("t:a") as string, live: false }]);
  }
  const pulled = at.expectModel(await at.pull(ref, flags), MODEL);
  expect(pulled.resumed > 0).toBe(transfers.length > 0);
  // Eight chunks on their way, and what was not on the disk.
  expect(server.sentBytes(MODEL.digest)).toBeLessThanOrEqual(MODEL.bytes.length + 32 * MIB);
});

test("a pull that was cancelled can be given up", { timeout: LIMIT_MS }, async () => {
  const server = await faultyServer({ content: CONTENT, bytesPerSecond: 64 * MIB });
  const at = stage();
  const { child, result } = at.startPull(`${server.host}/lib/m:a`, ["--plain-http", "--as", "t:a"]);
  for (let turn = 0; turn < 5000 && server.sentBytes(MODEL.digest) < 32 * MIB; turn++) await pause(2);
  process.kill(-(child.pid ?? 0), "SIGINT");
  expect((await result).code).toBe(130);
  const [left] = await at.transfers();
  expect(left?.have).toBeGreaterThan(0);
  const given = await at.run(["transfers", "abort", left?.id ?? "none", "--json"]);
  expect(given.code, given.stderr).toBe(0);
  expect(await at.transfers()).toEqual([]);
  expect(at.unfinished()).toEqual([]);
});
