import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { SweepFinding, SweepReport } from "../../src/contracts/sweep-report.ts";
import { apr } from "./cli.ts";
import { tempDir } from "./temp.ts";

const LIMIT_MS = 100_000;

/** A folder with a model that no compressor makes smaller, and a temporary folder of its own. */
export class SweepStage {
  readonly folder = tempDir();
  readonly temp = join(this.folder, "temp");
  readonly model = join(this.folder, "model.bin");

  constructor(modelBytes: number) {
    mkdirSync(this.temp, { mode: 0o777 });
    writeFileSync(this.model, pseudoRandom(modelBytes));
  }

  /** A whole sweep, unless a budget is given. */
  async sweep(flags: readonly string[], command: readonly string[]): Promise<SweepReport> {
    const whole = flags.includes("--budget") ? [] : ["--budget", "none"];
    const args = ["qa", "sweep", "--json", ...whole, ...flags, "--", ...command];
    const result = await apr(args, { env: { TMPDIR: this.temp }, timeoutMs: LIMIT_MS });
    const report = result.json() as SweepReport;
    expect(report, result.stderr).toHaveProperty("findings");
    expect(result.code).toBe(report.exit_code);
    const { total, passed, failed, inconclusive, not_reached, not_tried } = report.counts;
    expect(passed + failed + inconclusive + not_reached + not_tried).toBe(total);
    return report;
  }

  /** Pastes a finding's lines into a shell. */
  async paste(finding: SweepFinding): Promise<Pasted> {
    const output = await new Promise<string>((resolve, reject) => {
      execFile(
        "sh",
        ["-c", finding.reproduce],
        { env: { ...process.env, TMPDIR: this.temp }, timeout: LIMIT_MS, encoding: "latin1" },
        (error, stdout) =>
          error === null ? resolve(stdout) : reject(new Error("the paste failed", { cause: error })),
      );
    });
    const exitCode = Number(/^exit (\d+)$/m.exec(output)?.[1] ?? Number.NaN);
    return { exitCode, fired: /INJECTED|--- SIG|killed by/.test(output), output };
  }
}

interface Pasted {
  readonly exitCode: number;
  /** strace's log shows the fault. */
  readonly fired: boolean;
  readonly output: string;
}

/** What failed, and where: the sorted names of the findings. */
export function findingIds({ findings }: SweepReport): string[] {
  return findings.map(({ id }) => id).sort();
}

function pseudoRandom(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
