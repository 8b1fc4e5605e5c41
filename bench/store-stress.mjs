// Eight processes in one store for 30 s: the same as test/store-stress.test.ts, for longer.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const { status } = spawnSync("npx", ["vitest", "run", "test/store-stress.test.ts"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, APR_STRESS_MS: process.env.APR_STRESS_MS ?? "30000" },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
