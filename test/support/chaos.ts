import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ChaosReport, FaultReport } from "../../src/contracts/chaos-report.ts";
import { type AprOptions, type AprResult, type RunningApr, startApr } from "./cli.ts";
import { findProgram } from "./needs.ts";
import { tempDir } from "./temp.ts";

/** Large enough that a copy of it can be interrupted and its disk can fill up. */
const MODEL_BYTES = 400_000;

export interface ErrorDocument {
  readonly error: { readonly kind: string; readonly message: string; readonly hint?: string };
}

/** A folder for one test: a model, and a temporary folder that must be empty in the end. */
export class Stage {
  readonly folder = tempDir();
  readonly temp = join(this.folder, "temp");
  readonly model = join(this.folder, "model.bin");

  constructor() {
    mkdirSync(this.temp, { mode: 0o777 });
    writeFileSync(this.model, Buffer.alloc(MODEL_BYTES, "apr model "));
  }

  /** Starts `apr qa chaos --json` on the model. */
  start(args: readonly string[], options: AprOptions = {}): RunningApr {
    const env = { TMPDIR: this.temp, ...options.env };
    return startApr(["qa", "chaos", "--json", ...args], { cwd: this.folder, ...options, env });
  }

  /** Runs it to its end: one JSON document, its exit code in it, and nothing left behind. */
  async run(args: readonly string[], options: AprOptions = {}): Promise<AprResult> {
    const result = await this.start(args, options).result;
    const document = result.json() as { exit_code?: number; error?: { exit_code: number } };
    expect(result.code, result.stderr).toBe(document.exit_code ?? document.error?.exit_code);
    this.expectClean();
    return result;
  }

  async report(args: readonly string[], options: AprOptions = {}): Promise<ChaosReport> {
    const result = await this.run(args, options);
    expect(result.json(), result.stderr).toHaveProperty("faults");
    return result.json() as ChaosReport;
  }

  /** For a script that is run by `sh` with the model as `$1` and the output as `$2`. */
  async script(text: string, flags: readonly string[], options: AprOptions = {}): Promise<ChaosReport> {
    const command = ["sh", "-c", text, "sh", "{model}", "{out}"];
    return this.report(["--model", this.model, ...flags, "--", ...command], options);
  }

  /** No file, no process and no mount of any run is left. */
  expectClean(): void {
    expect(readdirSync(this.temp)).toEqual([]);
    expect(markedProcesses(this.temp)).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(this.temp);
  }
}

export function faultOf(report: ChaosReport, id: string): FaultReport {
  const found = report.faults.find((fault) => fault.id === `F-CHAOS-${id}`);
  if (found === undefined) throw new Error(`no fault ${id} in ${JSON.stringify(report)}`);
  return found;
}

export function codesOf(fault: FaultReport): string[] {
  return fault.strict.reasons.map(({ code }) => code);
}

/** Processes that carry the mark of a run whose sandbox lies in `folder`. */
export function markedProcesses(folder: string): number[] {
  return readdirSync("/proc")
    .filter(
      (name) => /^\d+$/.test(name) && readOr(`/proc/${name}/environ`).includes(`APR_RUN_MARK=${folder}`),
    )
    .map(Number);
}

/** Processes whose command line holds a text that only one test uses. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && readOr(`/proc/${name}/cmdline`).includes(text))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

export async function until(what: string, done: () => boolean, timeoutMs: number): Promise<void> {
  const startMs = performance.now();
  while (!done()) {
    if (performance.now() - startMs > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const USED = ["sh", "cp", "true", "cat", "sleep", "rm", "grep", "chmod", "time", "strace"];
const SPACES = ["unshare", "nsenter", "mount", "umount"];

/** A `PATH` with everything that chaos uses, but for some programs; others become scripts. */
export function pathWithout(
  missing: readonly string[],
  scripts: Readonly<Record<string, string>> = {},
): string {
  const folder = join(tempDir(), "bin");
  mkdirSync(folder);
  for (const name of [...USED, ...SPACES]) {
    const target = findProgram(name);
    if (missing.includes(name) || name in scripts || target === undefined) continue;
    symlinkSync(target, join(folder, name));
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
