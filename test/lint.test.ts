import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { byVerdict, fileWith, type LintDocument, report } from "./support/lint.ts";
import { tempDir } from "./support/temp.ts";

describe("apr lint GATE|CONTRACT FILE", () => {
  test.each<[string, object, number, RegExp]>([
    ["F-CHAOS-005", { exit_code: 1, stderr: "disk full" }, 0, /^pass +apr-qa-chaos-v1\/F-CHAOS-005\n/],
    ["F-CHAOS-005", { exit_code: 0, stderr: "" }, 5, /^FAIL +apr-qa-chaos-v1\/F-CHAOS-005 +silent-success\n/],
    ["F-CHAOS-005", { exit_code: 1 }, 6, /^inconclusive +\S+ +missing-evidence field=stderr\n/],
    ["crux-f-13/size", { bytes: 3 }, 0, /^pass/],
    ["crux-f-13/schema", report, 0, /^pass/],
    [
      "gputrain-007",
      { cuda_feature: true, cuda_runtime_available: false, visible_devices: [] },
      5,
      /stale-build/,
    ],
    ["gputrain-007", { version: "1" }, 5, /missing-required-key key=cuda_feature/],
    ["crux-a-11", { registry: [], src: "a", dst: "b" }, 5, /source-not-found tag=a/],
    ["APR-A-11-TAG", { tag: "\u001b[31mred" }, 5, /invalid-tag tag=\\x1b/],
  ])("%s on %j exits %i", async (subject, evidence, code, text) => {
    const result = await apr(["lint", subject, fileWith(JSON.stringify(evidence))]);
    expect(result).toMatchObject({ code, stderr: "" });
    expect(result.stdout).toMatch(text);
    expect(result.stdout).toMatch(new RegExp(`captured evidence\\); exit ${code}\\n$`));
  });

  test("a contract's file may hold evidence by gate", async () => {
    const document = { "F-CHAOS-002": { exit_code: 139, stderr: "" }, "APR-CHAOS-FIRED": { fired: true } };
    const { code, json } = await apr([
      "lint",
      "apr-qa-chaos-v1",
      fileWith(JSON.stringify(document)),
      "--json",
    ]);
    const seen = json() as LintDocument;
    expect({ code, verdict: seen.verdict, exit: seen.exit_code }).toEqual({
      code: 5,
      verdict: "fail",
      exit: 5,
    });
    expect([byVerdict(seen, "fail"), byVerdict(seen, "pass")]).toEqual([
      ["F-CHAOS-002"],
      ["APR-CHAOS-FIRED"],
    ]);
    expect(seen.verdicts[0]).toEqual({
      gate: "apr-qa-chaos-v1/F-CHAOS-001",
      origin: "seed",
      verdict: "inconclusive",
      reason: { code: "missing-evidence", field: "peak_rss_bytes" },
      judged: "captured",
    });
  });

  test("- is stdin, numbers are exact, a byte order mark is no character", async () => {
    const input = '\ufeff{"peak_rss_bytes":18446744073709551615,"model_size_bytes":18446744073709551615}\r\n';
    expect(await apr(["lint", "F-CHAOS-001", "-"], { input })).toMatchObject({ code: 0 });
    const over = '{"peak_rss_bytes":18446744073709551615,"model_size_bytes":3002399751580331}';
    const { stdout } = await apr(["lint", "F-CHAOS-001", "-", "--json"], { input: over });
    expect(stdout).toContain('"budget_bytes":9007199791611905}');
  });

  test.each<[string, string[], number, string]>([
    ["an unknown gate", ["nothing", "FILE"], 2, "usage"],
    ["no gate", [], 2, "usage"],
    ["no file", ["F-CHAOS-001"], 2, "usage"],
    ["too many files", ["F-CHAOS-001", "FILE", "FILE"], 2, "usage"],
    ["an unknown flag", ["F-CHAOS-001", "FILE", "--nothing"], 2, "usage"],
    ["--stderr for another contract", ["F-CHAOS-001", "FILE", "--stderr", "FILE"], 2, "usage"],
    ["--batch with a gate", ["F-CHAOS-001", "--batch", "FILE"], 2, "usage"],
    ["a file that is not there", ["F-CHAOS-001", "NOWHERE"], 3, "not-found"],
    ["a file in a file", ["F-CHAOS-001", "FILE/x"], 3, "not-found"],
    ["a folder", ["F-CHAOS-001", "FOLDER"], 4, "malformed"],
    ["a FIFO", ["F-CHAOS-001", "FIFO"], 4, "malformed"],
    ["an endless device", ["F-CHAOS-001", "/dev/zero"], 4, "malformed"],
    ["an empty file", ["F-CHAOS-001", "EMPTY"], 4, "malformed"],
    ["bytes that are not UTF-8", ["F-CHAOS-001", "LATIN1"], 4, "malformed"],
    ["text that is not JSON", ["F-CHAOS-001", "TEXT"], 4, "malformed"],
    ["JSON that is too deep", ["F-CHAOS-001", "DEEP"], 4, "malformed"],
    ["a file that is too large", ["F-CHAOS-001", "SPARSE"], 4, "malformed"],
    ["a FIFO as report", ["oom", "FIFO"], 4, "malformed"],
    ["an endless device as report", ["oom", "/dev/zero"], 4, "malformed"],
    ["a report that is not there", ["oom", "NOWHERE"], 3, "not-found"],
    ["a report that is not JSON", ["oom", "TEXT"], 4, "malformed"],
    ["a stderr that is not there", ["oom", "FILE", "--stderr", "NOWHERE"], 3, "not-found"],
    ["a batch that is not there", ["--batch", "NOWHERE"], 3, "not-found"],
    ["a folder as batch", ["--batch", "FOLDER"], 4, "malformed"],
    ["a FIFO as batch", ["--batch", "FIFO"], 4, "malformed"],
  ])("%s", async (_name, words, code, kind) => {
    const folder = tempDir();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at("FILE"), "{}");
    writeFileSync(at("EMPTY"), "");
    writeFileSync(at("LATIN1"), Buffer.from([0x22, 0xe9, 0x22]));
    writeFileSync(at("TEXT"), '{\n  "a": oops\n}');
    writeFileSync(at("DEEP"), "[".repeat(100_000));
    writeFileSync(at("SPARSE"), "");
    truncateSync(at("SPARSE"), 2 ** 31);
    mkdirSync(at("FOLDER"));
    spawnSync("mkfifo", [at("FIFO")]);
    const args = words.map((word) => (/^[A-Z0-9]+(\/x)?$/.test(word) ? at(word) : word));
    const result = await apr(["lint", ...args], { timeoutMs: 20_000 });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(result.stderr).toMatch(/^apr: [^\n]+\n( {5}[^\n]+\n)?$/);
    const asJson = await apr(["lint", ...args, "--json"], { timeoutMs: 20_000 });
    expect(asJson.json()).toMatchObject({ error: { kind, exit_code: code } });
    expect(asJson.code).toBe(code);
  });

  test("malformed JSON is told with its place", async () => {
    const result = await apr(["lint", "F-CHAOS-001", fileWith('{\n  "a": oops\n}'), "--json"]);
    expect(result.json()).toMatchObject({ error: { line: 2, column: 8, offset: 9 } });
  });
});
