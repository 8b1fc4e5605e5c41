import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr, startApr } from "./support/cli.ts";
import { tempDir } from "./support/temp.ts";
import { startFaulty } from "./support/transfer/faulty/server.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";

const MIB = 1024 * 1024;

interface Seen {
  readonly transfers: readonly {
    readonly tag: string;
    readonly live: boolean;
    readonly size: number;
    readonly have: number;
    readonly bytes_per_second: number | null;
  }[];
  readonly runs: readonly {
    readonly pid: number;
    readonly command: string;
    readonly program: string | null;
  }[];
}

async function watchOnce(store: string): Promise<Seen> {
  const { code, json, stderr } = await apr(["watch", "--json", "--store", store]);
  expect(code, stderr).toBe(0);
  return json() as Seen;
}

test("a pull that is running is seen with its rate, and as a stopped one after it was killed", async () => {
  const store = join(tempDir(), "store");
  mkdirSync(store);
  const content = imagePaths(imageOf(modelOf(24 * MIB)), "team/m", "1");
  const server = await startFaulty({ content, bytesPerSecond: 4 * MIB });
  const pull = startApr(["pull", `${server.host}/team/m:1`, "--as", "m:1", "--store", store]);
  try {
    let seen: Seen = { transfers: [], runs: [] };
    for (let look = 0; look < 10 && !((seen.transfers[0]?.bytes_per_second ?? 0) > 0); look++) {
      seen = await watchOnce(store);
    }
    const [transfer] = seen.transfers;
    expect(transfer).toMatchObject({ live: true });
    expect(transfer?.tag).toContain("m:1");
    expect(transfer?.size).toBeGreaterThanOrEqual(24 * MIB);
    expect(transfer?.bytes_per_second).toBeGreaterThan(0);
    expect(seen.runs.find(({ pid }) => pid === pull.child.pid)).toMatchObject({
      command: "pull",
      program: null,
    });
  } finally {
    pull.child.kill("SIGKILL");
    await pull.result;
    await server.close();
  }
  const after = await watchOnce(store);
  expect(after.transfers[0]).toMatchObject({ live: false });
  expect(after.runs.find(({ pid }) => pid === pull.child.pid)).toBeUndefined();
});

test("a program that apr runs is seen by its name alone, and Ctrl-C ends the watching", async () => {
  const folder = tempDir();
  const proof = startApr(["proof", "run", "--out", join(folder, "p"), "--", "sleep", "60.123"]);
  const watching = startApr(["watch", "--every", "200ms", "--store", folder, "--plain"]);
  let text = "";
  watching.child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  try {
    const line = new RegExp(`^ *${proof.child.pid}  proof run +sleep `, "m");
    await expect.poll(() => line.test(text), { timeout: 20_000 }).toBe(true);
    watching.child.kill("SIGINT");
    expect((await watching.result).code).toBe(130);
    expect(text).not.toContain("60.123");
    // --plain: no line is drawn anew, and every sign is ASCII.
    expect(text).not.toMatch(/[^\n -~]/);
  } finally {
    proof.child.kill("SIGTERM");
    watching.child.kill("SIGKILL");
    await Promise.all([proof.result, watching.result]);
  }
});
