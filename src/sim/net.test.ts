import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Downloaded, NetRequest } from "../world/net.ts";
import { virtualRun } from "./data.ts";
import { NET_FAULTS, type NetFault } from "./faults.ts";
import { fileServer, textAnswer } from "./server.ts";
import { Sim, type SimWorld } from "./sim.ts";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const SIZE = 5 * 1024 * 1024;
const BODY = [virtualRun(1, 0, SIZE)];

function get(url: string, more: Partial<NetRequest> = {}): NetRequest {
  const times = { connectTimeoutMs: 1000, headTimeoutMs: 2000, idleTimeoutMs: 3000 };
  return { method: "GET", url, headers: {}, ...times, ...more };
}

interface Tried {
  readonly world: SimWorld;
  readonly sim: Sim;
  readonly download: (more?: Partial<NetRequest>, maxBytes?: number) => Promise<Downloaded>;
}

/** A program with one server, on which this fault hits every request. */
async function withServer<T>(fault: NetFault | null, use: (tried: Tried) => Promise<T>): Promise<T> {
  const sim = new Sim({ choices: 4n, sha256 });
  const plan = fault === null ? {} : { [fault]: 1 };
  sim.net.serve("a.example", fileServer(new Map([["/f", { body: BODY, etag: '"v"' }]])), plan);
  const { process, world } = sim.start();
  const ended = await sim.run(() =>
    process.run(async () => {
      const file = await world.files.createNew("/out", 0o600);
      const download: Tried["download"] = (more, maxBytes = SIZE) =>
        world.net.download(get("https://a.example/f?q=1", more), {
          file,
          offsetBytes: 0,
          maxBytes,
          take: ({ status }) => status < 300,
        });
      return use({ world, sim, download });
    }),
  );
  if (ended.kind === "done") return ended.value;
  throw ended.kind === "failed" ? ended.error : new Error(ended.kind);
}

test("bodies come into files, whole or in ranges", async () => {
  await withServer(null, async ({ download, sim, world }) => {
    expect(await download()).toMatchObject({ kind: "taken", sizeBytes: SIZE, head: { status: 200 } });
    expect((await world.hash.file("/out")).hex).toBe(sim.digestOf(BODY));
    const range = await download({ headers: { range: "bytes=100-199" } }, 100);
    const headers = { "content-range": `bytes 100-199/${SIZE}`, etag: '"v"' };
    expect(range).toMatchObject({ kind: "taken", sizeBytes: 100, head: { status: 206, headers } });
    await expect(download({}, 10)).rejects.toMatchObject({ failure: "too-large" });
    const beyond = await download({ headers: { range: `bytes=${SIZE}-${SIZE}` } });
    expect(beyond).toMatchObject({ kind: "refused", answer: { status: 416 } });
    expect(await download({ method: "HEAD" })).toMatchObject({ kind: "taken", sizeBytes: 0 });
  });
});

test("answers come into memory, and an unknown host has no name", async () => {
  await withServer(null, async ({ sim, world }) => {
    sim.net.serve("b.example:8080", ({ method, target, body }) =>
      textAnswer(201, `${method} ${target} ${body.length}`),
    );
    const body = { kind: "bytes", bytes: Buffer.from("hello") } as const;
    const answer = await world.net.request(get("http://b.example:8080/x?y", { method: "PUT", body }), 100);
    expect(answer.status).toBe(201);
    expect(Buffer.from(answer.body).toString()).toBe("PUT /x?y 1");
    await expect(world.net.request(get("http://b.example:8080/x?y"), 3)).rejects.toMatchObject({
      failure: "too-large",
    });
    await expect(world.net.request(get("http://c.example/"), 3)).rejects.toMatchObject({ failure: "dns" });
  });
});

test("an abort throws the signal's own reason, also while nothing comes", async () => {
  for (const fault of [null, "silent", "stall"] as const) {
    await withServer(fault, async ({ download, world }) => {
      const stop = new AbortController();
      const down = download({ signal: stop.signal });
      const failed = down.catch((error: unknown) => error);
      await world.timers.sleep(fault === null ? 1 : 1500);
      const reason = new Error("enough");
      stop.abort(reason);
      expect(await failed).toBe(reason);
    });
  }
});

const FAILURES: Readonly<Partial<Record<NetFault, string>>> = {
  ...{ refused: "refused", dns: "dns", unreachable: "unreachable", silent: "timeout", reset: "cut" },
  ...{ cut: "cut", stall: "timeout", garbage: "protocol", partition: "timeout", death: "cut" },
};

test.each(NET_FAULTS)("%s is what its name says", async (fault) => {
  await withServer(fault, async ({ download, sim, world }) => {
    const outcome = await download().catch((error: unknown) => error);
    expect(sim.coverage.counts.get(`net ${fault}`)).toBe(1);
    const failure = FAILURES[fault];
    if (failure !== undefined) {
      expect(outcome).toMatchObject({ name: "NetError", failure, host: "a.example" });
      if (fault === "death") await expect(download()).rejects.toMatchObject({ failure: "refused" });
      return;
    }
    const { hex } = await world.hash.file("/out");
    if (fault === "slow" || fault === "whole") expect(hex).toBe(sim.digestOf(BODY));
    if (fault === "flip" || fault === "other") {
      expect(outcome).toMatchObject({ kind: "taken", sizeBytes: SIZE });
      expect(hex).not.toBe(sim.digestOf(BODY));
    }
    if (fault === "etag") expect(outcome).toMatchObject({ head: { headers: { etag: '"v-1"' } } });
    if (fault === "busy") expect(outcome).toMatchObject({ kind: "refused", answer: { status: 503 } });
    if (fault === "limit") {
      expect(outcome).toMatchObject({
        answer: { status: 429, headers: { "retry-after": expect.stringMatching(/^[0-9]+$/) as string } },
      });
    }
    if (fault === "short" && outcome instanceof Error) throw outcome;
  });
});

test("a partition ends by itself", async () => {
  await withServer("partition", async ({ download, sim, world }) => {
    await expect(download()).rejects.toMatchObject({ failure: "timeout" });
    sim.calm();
    await world.timers.sleep(100_000);
    expect(await download()).toMatchObject({ kind: "taken" });
  });
});
