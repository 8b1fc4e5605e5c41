import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Around all tests: the packs of failures that they cause go into a folder of their own, which is gone afterwards. So
// every transfer is recorded, as it is for whoever uses apr. `APR_CRASHPACK` may name another place, or be `off`.

let folder: string | null = null;

export function setup(): void {
  if (process.env["APR_CRASHPACK"] !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "apr-test-packs-"));
  process.env["APR_CRASHPACK"] = folder;
}

export function teardown(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
