import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** Tests of the built command that time nothing, and measure nothing that others beside them change. */
const TOGETHER = [
  ...["architecture", "library", "model-mutations", "model-oracles", "oom-export", "oom-pickle"],
  ...["oom-snapshot", "replay-sim", "schemas", "sim-calibrate", "sim-cli", "sim-minimize", "sim-power"],
  ...["style", "transfer-oracles", "vectors", "view-formats", "view-hostile", "view-pages"],
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  define: { __APR_VERSION__: JSON.stringify(version), __APR_COMMIT__: "null" },
  test: {
    pool: "forks",
    globalSetup: "./test/support/pack-folder.ts",
    reporters: ["default", "./test/support/summary-reporter.ts"],
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["src/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: "together", include: TOGETHER, testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: "end-to-end",
          include: ["test/**/*.test.ts"],
          exclude: TOGETHER,
          // These time and measure real programs: one file at a time, after all the others.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
