import { type ChildProcess, spawn } from "node:child_process";
import { symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import type { Pushed } from "../../../src/transfer/push/types.ts";
import { tempDir } from "../temp.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** Builds child.ts; Node runs no TypeScript by itself. */
export async function buildChild(): Promise<string> {
  const folder = tempDir();
  symlinkSync(MODULES, `${folder}/node_modules`);
  const outfile = `${folder}/child.mjs`;
  await build({
    ...{ entryPoints: [CHILD], outfile, bundle: true, platform: "node", format: "esm" },
    ...{ target: "node20.19", packages: "external", logLevel: "warning" },
  });
  return outfile;
}

export interface Killable {
  readonly child: ChildProcess;
  /** What it pushed; null when it was killed. */
  readonly ended: Promise<Pushed | null>;
}

export function startChild(program: string, args: readonly string[]): Killable {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => out.push(part));
  child.stderr.on("data", (part: Buffer) => err.push(part));
  const ended = new Promise<Pushed | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(null);
      else if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString("utf8")) as Pushed);
      else reject(new Error(Buffer.concat(err).toString("utf8")));
    });
  });
  return { child, ended };
}
