import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { apr } from "./support/cli.ts";
import { runScript } from "./support/replay.ts";
import { tempDir } from "./support/temp.ts";
import { startFaulty } from "./support/transfer/faulty/server.ts";
import type { Fault } from "./support/transfer/faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";

const MIB = 1024 * 1024;
const image = imageOf(modelOf(13 * MIB));

interface Failed {
  readonly code: number | null;
  readonly pack: string;
}

/** A pull from a server with these faults, and the pack that it leaves. */
async function failedPull(faults: readonly Fault[], ...flags: string[]): Promise<Failed> {
  const server = await startFaulty({ content: imagePaths(image, "team/m", "1"), faults });
  onTestFinished(() => server.close());
  const folder = tempDir();
  const args = [
    "pull",
    `${server.host}/team/m:1`,
    "--store",
    `${folder}/store`,
    "--crashpack",
    `${folder}/packs`,
  ];
  const { code, stderr } = await apr([...args, "--progress", "none", "--stall-timeout", "1s", ...flags]);
  const [name = ""] = readdirSync(`${folder}/packs`);
  expect(stderr).toContain(`  crashpack  ${folder}/packs/${name}\n`);
  return { code, pack: `${folder}/packs/${name}` };
}

test.each<[string, readonly Fault[], number]>([
  ["no manifest", [{ to: "manifest", does: { kind: "status", status: 500 } }], 10],
  [
    "a cut in every body",
    [{ to: "content", path: "/blobs/", from: 4, does: { kind: "cut", afterBytes: MIB } }],
    10,
  ],
  ["a byte that is always wrong", [{ to: "content", does: { kind: "wrong-byte", at: 5 * MIB } }], 4],
  [
    "a body that stands still",
    [{ to: "content", path: "/blobs/", from: 3, does: { kind: "stall", afterBytes: 9 } }],
    10,
  ],
  ["answers that are no HTTP", [{ to: "content", from: 2, does: { kind: "garbage" } }], 10],
])("%s: the pull's pack replays to the same trace, byte for byte", async (_, faults, code) => {
  const failed = await failedPull(faults, "--retries", "2");
  expect(failed.code).toBe(code);
  const ran = await runScript(`${failed.pack}/replay_command.sh`);
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([
    0,
    expect.stringMatching(/reproduced .*byte for byte/),
    "",
  ]);
});
