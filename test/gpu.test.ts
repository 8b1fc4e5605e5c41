import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "./support/files.ts";

const SCRIPT = "test/gpu/devices.mjs";

// Not `needs`: a machine without a GPU is no fault of its setup, and no reason to fail where everything is required.
test("apr's view of a real GPU agrees with nvidia-smi, the driver and torch", {
  timeout: 600_000,
}, (context) => {
  if (!existsSync("/dev/nvidiactl")) {
    return context.skip(`not run: no CUDA device (node ${SCRIPT} on a machine with one)`);
  }
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT], { cwd: ROOT, encoding: "utf8" });
  expect(stdout.split("\n").filter((line) => line.startsWith("FAIL"))).toEqual([]);
  expect(status).toBe(0);
});
