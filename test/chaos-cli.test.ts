// Commands that misbehave, and signals to apr itself.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { ChaosReport } from "../src/contracts/chaos-report.ts";
import { codesOf, faultOf, markedProcesses, processesWith, Stage, until } from "./support/chaos.ts";
import { ROOT } from "./support/files.ts";
import { needs, notRun } from "./support/needs.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
const at = (name: string): string => join(stage.folder, name);
const unproven = { fired: false, contract: { verdict: "inconclusive", reason: { code: "baseline-failed" } } };

describe("a command that fails already when nothing is wrong", () => {
  it.for<[string, string, number | null]>([
    ["fails", 'echo "no such tensor" >&2; exit 3', 3],
    ["hangs", 'echo "no such tensor" >&2; sleep 7001', null],
    ["ignores SIGTERM and SIGINT and hangs", 'trap "" TERM INT; echo "no such tensor" >&2; sleep 7002', null],
    ["is ended by SIGSEGV", 'echo "no such tensor" >&2; kill -SEGV $$', 139],
  ])("%s: everything is inconclusive, with its own words", async ([, script, exitCode]) => {
    const report = await stage.script(script, ["--timeout", "400ms"]);
    expect(report).toMatchObject({
      exit_code: 6,
      verdict: "inconclusive",
      baseline: { exit_code: exitCode },
    });
    expect(report.baseline.stderr).toBe("no such tensor\n");
    expect(report.faults).toHaveLength(5);
    for (const fault of report.faults) expect(fault).toMatchObject(unproven);
  });
});

describe("a command that misbehaves", () => {
  it("hangs only when it is interrupted", async () => {
    const script = 'trap "trap \\"\\" INT; sleep 7003; exit 1" INT; cp "$1" "$2"; sleep 0.3; exit 0';
    const fault = faultOf(await stage.script(script, ["--faults", "003", "--timeout", "700ms"]), "003");
    expect(fault.contract.verdict).toBe("fail");
    expect(codesOf(fault)).toContain("hang");
    expect(processesWith("7003")).toEqual([]);
  });

  it.for<[string, string, string]>([
    ["quietly", "7011", "setsid sleep 7011 >/dev/null 2>&1 </dev/null &"],
    ["holding its streams", "7012", "setsid sleep 7012 &"],
    ["without its environment", "7013", "setsid env -i sleep 7013 >/dev/null 2>&1 </dev/null &"],
  ])("forks away %s: found and killed", async ([, word, fork]) => {
    const report = await stage.script(`cp "$1" "$2"; ${fork}`, ["--faults", "001,004"]);
    expect(codesOf(faultOf(report, "001"))).toContain("orphan");
    expect(codesOf(faultOf(report, "004"))).toContain("orphan");
    expect(processesWith(word)).toEqual([]);
  });

  it("prints 1 GB to stderr: bounded time and memory", (context) => {
    needs(context, "time", "dd");
    const figures = at("figures");
    const flood = 'cp "$1" "$2"; dd if=/dev/zero bs=1M count=1000 status=none >&2';
    const command = [process.execPath, `${ROOT}dist/apr.cjs`, "qa", "chaos", "--json", "--faults", "004"];
    const argv = ["-f", "%M", "-o", figures, ...command, "--model", stage.model, "--"];
    const options = {
      env: { ...process.env, TMPDIR: stage.temp },
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
    };
    const result = spawnSync(
      "/usr/bin/time",
      [...argv, "sh", "-c", flood, "sh", "{model}", "{out}"],
      options,
    );
    expect((JSON.parse(result.stdout.toString()) as ChaosReport).exit_code).toBe(5);
    // GNU time counts its largest child: apr itself.
    expect(Number(readFileSync(figures, "utf8").trim().split("\n").at(-1))).toBeLessThan(200 * 1024);
    stage.expectClean();
  });

  it.for<[string, string]>([
    ["closes its streams", 'cp "$1" "$2"; exec <&- >&- 2>&-; sleep 0.05'],
    ["removes its folders", 'cp "$1" "$2"; rm -rf "$HOME" "$TMPDIR" "$PWD" "$1"; exit 0'],
    ["removes everything it sees", 'cp "$1" "$2"; rm -rf "${HOME%/*}"/* 2>&-; exit 0'],
    [
      "locks its folders",
      'cp "$1" "$2"; mkdir "$HOME/a"; >"$HOME/a/b"; chmod 0 "$HOME/a" "$HOME" "$PWD" "$TMPDIR"; exit 0',
    ],
    ["locks its output", 'cp "$1" "$2"; chmod 0 "$2" "${2%/*}"; exit 0'],
    ["puts links in the way", 'cp "$1" "$2"; rm -rf "${HOME%/*}/notes"; ln -s / "${HOME%/*}/notes"; exit 0'],
  ])("%s: still a report", async ([, script]) => {
    const report = await stage.script(script, ["--faults", "004,005", "--keep", at("kept")]);
    expect(report.baseline.exit_code).toBe(0);
    expect(report.exit_code).toBe(5);
  });

  it("exits 0 without an output", async () => {
    const report = await stage.script("exit 0", ["--faults", "005"]);
    expect(faultOf(report, "005")).toMatchObject({ fired: false, contract: { verdict: "inconclusive" } });
    expect(report.exit_code).toBe(6);
  });

  it("writes elsewhere: nothing changes outside of the sandbox", async (context) => {
    const paths = [
      at("beside"),
      stage.model,
      join(process.env["HOME"] ?? "/", "apr-stray"),
      "/tmp/apr-stray",
    ];
    const script = `for p in ${paths.map((path) => `'${path}'`).join(" ")} /dev/shm/apr-stray; do echo x >"$p"; done; cp "$1" "$2"`;
    const before = readFileSync(stage.model);
    const report = await stage.script(`{ ${script}; } 2>"$HOME/said"`, ["--faults", "001"]);
    if (!report.sandbox.confined) notRun(context, "mount namespaces", "allow user namespaces");
    expect(readFileSync(stage.model).equals(before)).toBe(true);
    for (const path of [...paths.filter((one) => one !== stage.model), "/dev/shm/apr-stray"]) {
      expect(existsSync(path), path).toBe(false);
    }
  });

  it("is judged by a check that hangs", async () => {
    const flags = ["--faults", "005", "--timeout", "500ms", "--check", "sleep 7021"];
    const report = await stage.script('head -c 200000 /dev/urandom >"$2" || exit 0', flags);
    expect(report.exit_code).toBe(5);
    expect(processesWith("7021")).toEqual([]);
  });
});

describe("a signal to apr", () => {
  const slow = [
    "--model",
    "model.bin",
    "--",
    "sh",
    "-c",
    'cp "$1" "$2"; setsid sleep 1 & sleep 0.4',
    "sh",
    "{model}",
    "{out}",
  ];

  it.for<[NodeJS.Signals, number, number]>([
    ["SIGINT", 130, 0],
    ["SIGINT", 130, 250],
    ["SIGINT", 130, 1500],
    ["SIGTERM", 143, 50],
    ["SIGTERM", 143, 700],
  ])("%s: exit %i after %i ms of work, and nothing is left", async ([signal, code, delayMs]) => {
    const { child, result } = stage.start(slow);
    await until("a sandbox", () => readdirSync(stage.temp).length > 0, 5000);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const sentMs = performance.now();
    child.kill(signal);
    const done = await result;
    expect(performance.now() - sentMs).toBeLessThan(2000);
    expect(done.code).toBe(code);
    expect(done.json()).toMatchObject({ error: { kind: code === 130 ? "interrupted" : "terminated" } });
    stage.expectClean();
  });

  it("SIGKILL: its guard ends the runs and removes the sandbox", async () => {
    const { child, result } = stage.start(slow);
    await until("a run", () => markedProcesses(stage.temp).length > 0, 5000);
    child.kill("SIGKILL");
    await result;
    await until("nothing is left", () => readdirSync(stage.temp).length === 0, 5000);
    stage.expectClean();
  });
});
