// apr's own commands under whole sweeps: every finding that is not known is a failure. Takes long.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printRow } from "./support/rows.mjs";
import { importTs } from "./support/typescript.mjs";

const APR = fileURLToPath(new URL("../dist/apr.cjs", import.meta.url));
// APR_SWEEP_SAMPLE=200 tries only so many points of each command, APR_SWEEP_ONLY=pull only that one.
const sample = process.env["APR_SWEEP_SAMPLE"];
const wanted = process.env["APR_SWEEP_ONLY"];
const folder = mkdtempSync(join(tmpdir(), "apr-bench-"));

try {
  const { ownSweeps, knownInApr } = await importTs("test/support/own-sweeps.ts");
  mkdirSync(join(folder, "temp"));
  for (const { name, flags, command } of ownSweeps(folder, APR)) {
    if (wanted !== undefined && wanted !== name) continue;
    const size = sample === undefined ? [] : ["--sample", sample];
    const args = ["qa", "sweep", "--json", "--budget", "none", ...size, ...flags, "--", ...command];
    const { stdout, stderr } = spawnSync(process.execPath, [APR, ...args], {
      encoding: "utf8",
      maxBuffer: 1024 * 1024 * 1024,
    });
    if (!stdout.startsWith("{")) throw new Error(stderr);
    const { counts, findings, sweep_ms: ms } = JSON.parse(stdout);
    const tried = counts.total - counts.not_tried;
    console.log(
      `  apr ${name}: ${tried} of ${counts.total} points in ${Math.round(ms / 1000)} s, ${counts.not_reached} not reached`,
    );
    const fresh = [];
    for (const finding of findings) {
      const why = knownInApr(finding, name);
      if (why === null) fresh.push(finding);
      else console.log(`    known  ${finding.id} (${finding.points} points): ${why}`);
    }
    for (const { id, first, line, points, repeats } of fresh) {
      console.log(
        `    NEW    ${id}: ${first.happened}; ${points} points, ${repeats.same} of ${repeats.tried} times\n           ${line}`,
      );
    }
    printRow({ name: `failures of apr ${name}, all points`, value: fresh.length, unit: "", atMost: 0 });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
