import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { byVerdict, fileWith, type LintDocument, report } from "./support/lint.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

describe("apr lint oom", () => {
  const breadcrumb = (path: string): string => fileWith(`noise\nOOM_REPORT path=${path}\n`, "stderr.txt");

  test("a sound report, without its stderr, leaves the breadcrumb gates open", async () => {
    const { code, json } = await apr(["lint", "oom", fileWith(JSON.stringify(report)), "--json"]);
    const seen = json() as LintDocument;
    expect(code).toBe(6);
    expect(byVerdict(seen, "pass")).toEqual([
      ...["size", "schema", "invariants"],
      ...["APR-F-13-TYPES", "APR-F-13-TIME", "APR-F-13-PROVENANCE"],
    ]);
    expect(byVerdict(seen, "inconclusive")).toEqual(["breadcrumb", "APR-F-13-ONE", "APR-F-13-FILE"]);
  });

  test("with the stderr that names it, everything passes", async () => {
    const path = `/tmp/apr-oom-${process.pid}${Date.now()}.json`;
    try {
      writeFileSync(path, JSON.stringify(report), { mode: 0o600 });
      const args = ["lint", "oom", path, "--stderr", breadcrumb(path)];
      const { code, stdout } = await apr(args);
      expect({ code, failed: /FAIL|inconclusive/.test(stdout) }).toEqual({ code: 0, failed: false });
      expect(stdout.trimEnd().split("\n").length).toBeLessThan(24);
      chmodSync(path, 0o644);
      expect((await apr(args)).stdout).toMatch(/^FAIL +crux-f-13\/APR-F-13-FILE +unsafe-file\n/);
    } finally {
      spawnSync("rm", ["-f", path]);
    }
  });

  test.each<string[]>([["lint", "crux-f-13"], ["oom-lint"]])("apr %s is the same", async (...words) => {
    const path = fileWith(JSON.stringify({ ...report, exit_code: 0 }));
    const args = [...words, path, "--stderr", breadcrumb("/tmp/x")];
    const same = await apr(["lint", "oom", ...args.slice(args.indexOf(path)), "--json"]);
    const { code, stdout } = await apr([...args, "--json"]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: same.stdout });
    expect(stdout).toContain("silent-exit-code");
    expect(stdout).toContain('{"code":"malformed-path","got":"/tmp/x"}');
  });

  test("a link to a report is no regular file", async () => {
    const path = fileWith(JSON.stringify(report), "apr-oom-1.json");
    const link = join(tempDir(), "link.json");
    symlinkSync(path, link);
    const { json } = await apr([
      "lint",
      "oom",
      link,
      "--stderr",
      breadcrumb("/tmp/apr-oom-1.json"),
      "--json",
    ]);
    const file = (json() as LintDocument).verdicts.find(({ gate }) => gate.endsWith("-FILE"));
    expect(file).toMatchObject({ verdict: "fail", reason: { code: "wrong-file" } });
  });

  test("2 GiB are refused by size at once, the rest is inconclusive", async () => {
    const path = fileWith("");
    truncateSync(path, 2 ** 31);
    const started = Date.now();
    const { code, json } = await apr(["lint", "oom", path, "--json"]);
    expect({ code, quick: Date.now() - started < 5000 }).toEqual({ code: 5, quick: true });
    const seen = json() as LintDocument;
    expect(seen.verdicts[0]?.reason).toEqual({ code: "too-large", bytes: 2 ** 31, cap_bytes: 10_485_760 });
    expect(byVerdict(seen, "pass")).toEqual([]);
    expect(byVerdict(seen, "fail")).toEqual(["size"]);
  });

  test("stdin is read only up to the bound", async () => {
    const input = Buffer.alloc(11 * 1024 * 1024, " ");
    const { code, json } = await apr(["lint", "oom", "-", "--json"], { input });
    expect(code).toBe(5);
    expect((json() as LintDocument).verdicts[0]?.reason?.code).toBe("too-large");
    const whole = await apr(["lint", "oom", "-", "--json"], { input: JSON.stringify(report) });
    expect(whole.code).toBe(6);
  });

  test("a report of 9.9 MiB stays under 200 MiB of memory", (context) => {
    needs(context, "time");
    const frames = Array.from(
      { length: 200_000 },
      (_, index) => `layers/qwen2.5/block${index}.py in forward`,
    );
    const path = fileWith(JSON.stringify({ ...report, largest_alloc_stack: frames }));
    expect(readFileSync(path).length).toBeGreaterThan(8_000_000);
    const entryPoint = new URL("../dist/apr.cjs", import.meta.url).pathname;
    const { stderr } = spawnSync("time", ["-f", "%M", process.execPath, entryPoint, "lint", "oom", path], {
      encoding: "utf8",
    });
    expect(Number(stderr.trim().split("\n").at(-1))).toBeLessThan(200 * 1024);
  });
});
