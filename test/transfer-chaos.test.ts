import { expect, test } from "vitest";
import type { ChaosReport } from "../src/contracts/chaos-report.ts";
import { APR, apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { modelOf } from "./support/transfer/model.ts";
import { faultyServer } from "./support/transfer/scoped.ts";

const MIB = 1024 * 1024;
const LIMIT_MS = 300_000;

// A pull takes from the network what other commands take from a model; the faults are the same five.
test("apr pull passes all five faults, contract and strict", { timeout: LIMIT_MS }, async (context) => {
  needs(context, "strace", "time", "unshare");
  const model = modelOf(8 * MIB);
  const server = await faultyServer({
    content: { "/tiny.gguf": { bytes: model.bytes } },
    bytesPerSecond: 16 * MIB,
  });
  const url = `${server.url}/tiny.gguf`;
  const command = ["env", "APR_MODELS={out}", process.execPath, APR, "pull", url, "--as", "t:a"];
  // What was fetched before a crash stays there for the next run; nothing else may stay.
  const flags = ["--state", "{out}/transfers", "--json", "--", ...command];
  const result = await apr(["qa", "chaos", ...flags], { timeoutMs: LIMIT_MS });
  const report = result.json() as ChaosReport;
  expect(report.faults, result.stderr).toHaveLength(5);
  const failures = report.faults
    .filter(({ contract, strict }) => contract.verdict !== "pass" || strict.verdict !== "pass")
    .map(({ id, happened, strict }) => `${id}: ${happened} ${JSON.stringify(strict.reasons)}`);
  expect(failures).toEqual([]);
});
