// Everything that `apr qa chaos` writes: reports, evidence, and lines that reproduce a fault.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { ChaosReport } from "../src/contracts/chaos-report.ts";
import { faultOf, Stage } from "./support/chaos.ts";
import { ROOT } from "./support/files.ts";
import { needs } from "./support/needs.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
const at = (name: string): string => join(stage.folder, name);

describe("what apr writes", () => {
  const flags = ["--model", "model.bin", "--faults", "004"];
  const CP = ["--", "cp", "{model}", "{out}"];

  it("a JUnit file that its schema accepts, and the evidence that was asked for", async (context) => {
    needs(context, "xmllint");
    await stage.report([...flags, "--junit", "out.xml", "--keep", "kept", ...CP]);
    execFileSync("xmllint", ["--noout", "--schema", `${ROOT}test/support/junit.xsd`, at("out.xml")], {
      stdio: "pipe",
    });
    const kept = readdirSync(at("kept/F-CHAOS-004/1-1")).sort();
    expect(kept).toEqual(["evidence.json", "left.json", "stderr.txt", "stdout.txt"]);
    expect(readdirSync(at("kept/left"))).toHaveLength(1);
    expect(JSON.parse(readFileSync(at("kept/report.json"), "utf8"))).toMatchObject({ exit_code: 5 });
    expect(readdirSync(stage.folder).filter((name) => name.startsWith(".apr-"))).toEqual([]);
  });

  it("nothing in place of a device: the report goes into it", async () => {
    const report = await stage.report([...flags, "--junit", "/dev/null", ...CP]);
    expect(report.exit_code).toBe(5);
    expect(execFileSync("stat", ["-c", "%F", "/dev/null"], { encoding: "utf8" })).toBe(
      "character special file\n",
    );
  });

  it("to a full device: exit 7", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const { code, stderr } = await stage.start([...flags, ...CP], { stdoutFd: full }).result;
      expect({ code, told: stderr.includes("ENOSPC") }).toEqual({ code: 7, told: true });
    } finally {
      closeSync(full);
    }
    stage.expectClean();
  });

  it("a flaky verdict as such, the worst one counting, whatever the number of jobs", async () => {
    // A file outside of the sandbox is read, and another process changes it: the command alternates.
    const count = at("count");
    const script =
      'i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ -e "$2" ] && [ -e "$3" ] && exit 1; done; cp "$1" "$2"';
    for (const jobs of ["1", "3"]) {
      const command = ["sh", "-c", script, "sh", "{model}", "{out}", count];
      const running = stage.start([
        "--model",
        "model.bin",
        "--faults",
        "001,004,005",
        "--jobs",
        jobs,
        "--repeat",
        "8",
        "--",
        ...command,
      ]);
      const timer = setInterval(() => {
        if (existsSync(count)) execFileSync("rm", [count]);
        else writeFileSync(count, "");
      }, 40);
      const result = await running.result;
      clearInterval(timer);
      const fault = faultOf(result.json() as ChaosReport, "004");
      expect(fault.contract.verdict).toBe("fail");
      expect(fault.flaky?.fail).toBeGreaterThan(0);
      expect(fault.flaky?.pass).toBeGreaterThan(0);
      expect(result.code).toBe(5);
      stage.expectClean();
    }
  });

  it("lines that show the same thing without apr", async (context) => {
    needs(context, "bash", "unshare", "mount");
    const report = await stage.report(["--model", "model.bin", "--", "cp", "{model}", "{out}"]);
    const said = (id: string): string =>
      spawnSync("bash", ["-c", faultOf(report, id).reproduce], {
        cwd: stage.folder,
        env: { ...process.env, TMPDIR: stage.folder },
        encoding: "utf8",
      }).stdout;
    expect(said("002")).toContain(`exit ${Number(faultOf(report, "002").evidence["exit_code"])}\n`);
    expect(said("003")).toMatch(/^exit (0|130)$/m);
    expect(said("004")).toMatch(/^exit 0\napr model /);
    expect(said("005")).toMatch(/^exit 1\n(.*\n)*.* 20\d{4} .*out$/m);
  });

  it("an inconclusive 003 still says how to try", async () => {
    const report = await stage.script('cp "$1" "$2"; sleep 0.2', ["--faults", "003"]);
    const { status, stdout } = spawnSync("bash", ["-c", faultOf(report, "003").reproduce], {
      env: { ...process.env, TMPDIR: stage.folder },
      encoding: "utf8",
    });
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^exit 130$/m) as string,
    });
  });
});
