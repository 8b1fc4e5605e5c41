// Every point of the kill matrix: each command of the store is killed, or fails with ENOSPC or EIO, at each of its
// file-system calls. The same engine as test/store-kill.test.ts, which takes a sample. Takes many minutes.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const { status } = spawnSync("npx", ["vitest", "run", "test/store-kill.test.ts"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, APR_KILL_POINTS: "all" },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
