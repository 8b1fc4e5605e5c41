import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { APR } from "./cli.ts";
import { tempDir } from "./temp.ts";
import { type Ran, run } from "./transfer/run.ts";

/** Runs a pack's `replay_command.sh` as a person would, with the built `apr` on the path. */
export function runScript(path: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const folder = `${tempDir()}/bin`;
  mkdirSync(folder);
  writeFileSync(`${folder}/apr`, `#!/bin/sh\nexec '${process.execPath}' '${APR}' "$@"\n`, { mode: 0o755 });
  return run(["/bin/sh", path], { ...env, PATH: `${folder}:${process.env["PATH"] ?? ""}` });
}

/** The one pack in a folder of packs. */
export function packIn(folder: string): string {
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  return `${folder}/${names[0]}`;
}

/** Everything that is in a pack, as one text. */
export function textOf(pack: string): string {
  return readdirSync(pack)
    .map((name) => readFileSync(`${pack}/${name}`, "latin1"))
    .join("\n");
}

/** The pack's own script reaches the same trace. */
export async function expectReproduced(pack: string): Promise<void> {
  const { code, stderr, stdout } = await runScript(`${pack}/replay_command.sh`);
  expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/reproduced .*byte for byte/), ""]);
}
