// apr's own commands under seeded samples of their sweeps; bench/sweep-own.mjs tries every point.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { SweepReport } from "../src/contracts/sweep-report.ts";
import { APR, apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { knownInApr, ownSweeps } from "./support/own-sweeps.ts";
import { tempDir } from "./support/temp.ts";

const LIMIT_MS = 110_000;
/** Points of each command; Node takes long to start, and longer under strace. */
const SAMPLE = ["--sample", "8", "--seed", "20261127"];
/** What ends Node's runtime before apr's code begins is the bench's. */
const FAULTS = [
  "--faults",
  "ENOSPC,EIO,EDQUOT,EACCES,EMFILE,EXDEV,SIGKILL,SIGTERM,SIGINT,input-truncated,read-only",
];

it.for(["import", "export", "cp", "pull", "gc"])(
  "apr %s does nothing wrong under a sample of its sweep",
  { timeout: LIMIT_MS },
  async (name, context) => {
    needs(context, "strace", "unshare", "cp");
    const folder = tempDir();
    const temp = join(folder, "temp");
    mkdirSync(temp);
    const own = ownSweeps(folder, APR).find((each) => each.name === name);
    if (own === undefined) throw new Error(`no sweep of apr ${name}`);
    const args = [
      "qa",
      "sweep",
      "--json",
      "--budget",
      "none",
      ...SAMPLE,
      ...FAULTS,
      ...own.flags,
      "--",
      ...own.command,
    ];
    const result = await apr(args, { env: { TMPDIR: temp }, timeoutMs: LIMIT_MS });
    const { findings, counts, baseline } = result.json() as SweepReport;
    expect(baseline.exit_code, baseline.stderr).toBe(0);
    expect(counts.passed + counts.failed).toBeGreaterThan(2);
    const fresh = findings.filter((finding) => knownInApr(finding, name) === null);
    expect(fresh.map(({ id, first, line }) => `${id}: ${first.happened}\n${line}`)).toEqual([]);
  },
);
