import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { findProgram, type Program } from "./needs.ts";

/** A new empty folder, removed after the running test. */
export function tempDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "apr-test-"));
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** A new folder for `PATH` that holds only the named programs, as symbolic links. */
export function pathWith(...programs: readonly Program[]): string {
  const folder = join(tempDir(), "bin");
  mkdirSync(folder);
  for (const program of programs) {
    const target = findProgram(program);
    if (target === undefined) throw new Error(`${program} is not on the path`);
    symlinkSync(target, join(folder, program));
  }
  return folder;
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // A test may leave read-only folders behind, which only an owner with write permission can empty.
    makeWritable(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
  }
}
