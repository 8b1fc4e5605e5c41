import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Before all tests: the packs of failures that they cause go into a folder of their own, which is gone afterwards. So
 * every transfer is recorded, as it is for whoever uses apr.
 */
export default function setup(): (() => void) | undefined {
  if (process.env["APR_CRASHPACK"] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "apr-test-packs-"));
  process.env["APR_CRASHPACK"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
