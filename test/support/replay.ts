import { mkdirSync, writeFileSync } from "node:fs";
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
