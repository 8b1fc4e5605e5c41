import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ChaosReport } from "../src/contracts/chaos-report.ts";
import { APR, apr } from "./support/cli.ts";
import { tinyGguf } from "./support/gguf.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const MIB = 1024 * 1024;
const LIMIT_MS = 240_000;

// apr's own first subjects: what it asks of others it must do itself.
test("apr import passes all five faults, contract and strict", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "strace", "time", "unshare");
  const model = writeModel(tempDir());
  const command = ["env", "APR_MODELS={out}", process.execPath, APR, "import", "{model}", "--as", "tiny"];
  expect(failures(await chaos(["--model", model, "--", ...command]))).toEqual([]);
});

test("apr export passes all five faults, contract and strict", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "strace", "time", "unshare");
  const folder = tempDir();
  const store = `${folder}/models`;
  await apr(["import", writeModel(folder), "--as", "tiny", "--link"], { env: { APR_MODELS: store } });
  const command = ["env", "APR_MODELS={model}", process.execPath, APR, "export", "tiny", "-o", "{out}"];
  expect(failures(await chaos(["--model", store, "--force-flag=--force", "--", ...command]))).toEqual([]);
});

function writeModel(folder: string): string {
  const path = `${folder}/big.gguf`;
  writeFileSync(path, tinyGguf(192 * MIB));
  return path;
}

async function chaos(args: readonly string[]): Promise<ChaosReport> {
  const result = await apr(["qa", "chaos", "--json", ...args], { timeoutMs: LIMIT_MS });
  return result.json() as ChaosReport;
}

function failures(report: ChaosReport): string[] {
  return report.faults
    .filter(({ contract, strict }) => contract.verdict !== "pass" || strict.verdict !== "pass")
    .map(({ id, happened }) => `${id}: ${happened}`);
}
