// What a host may lack or forbid: the faults that need none of it still run, and the report says what is missing.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { ChaosReport } from "../src/contracts/chaos-report.ts";
import { type ErrorDocument, faultOf, pathWithout, Stage } from "./support/chaos.ts";
import { ROOT } from "./support/files.ts";
import { needs, notRun } from "./support/needs.ts";

const CP = ["cp", "{model}", "{out}"];
let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe("a host that lacks something", () => {
  const all = ["--model", "model.bin", "--", ...CP];

  it.for(["/nosuch", "/proc"])("temporary folder %s", async (TMPDIR) => {
    const { code, json } = await stage.run(all, { env: { TMPDIR } });
    expect((json() as ErrorDocument).error).toMatchObject({
      hint: expect.stringContaining("TMPDIR") as string,
    });
    expect(code).toBe(7);
  });

  it.for<[string, string]>([
    ["size=1m", "not enough room"],
    ["ro", "EROFS"],
  ])("temporary folder on a tmpfs with %s", ([option, message], context) => {
    needs(context, "unshare", "mount");
    const script = `mount -t tmpfs -o ${option} none "$1" && TMPDIR=$1 && export TMPDIR && shift && exec "$@"`;
    const argv: string[] = [
      "-Urm",
      "sh",
      "-c",
      script,
      "sh",
      stage.temp,
      process.execPath,
      `${ROOT}dist/apr.cjs`,
      "qa",
      "chaos",
      "--json",
    ];
    try {
      execFileSync("unshare", [...argv, ...all], { cwd: stage.folder, stdio: "pipe" });
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: Buffer };
      if (stdout.length === 0) notRun(context, "user namespaces", "allow them");
      expect((JSON.parse(stdout.toString()) as ErrorDocument).error.message).toMatch(message);
      expect(status).toBe(7);
    }
    expect.hasAssertions();
  });

  it("not Linux", async () => {
    const preload = join(stage.folder, "darwin.cjs");
    writeFileSync(preload, `Object.defineProperty(process, "platform", { value: "darwin" });`);
    const { code, json } = await stage.run(all, { nodeFlags: ["-r", preload] });
    expect((json() as ErrorDocument).error).toMatchObject({
      kind: "inconclusive",
      message: expect.stringContaining("needs Linux") as string,
    });
    expect(code).toBe(6);
  });

  it.for<[string, string]>([
    ["missing", ""],
    ["forbidden", "echo no >&2; exit 1"],
  ])("namespaces %s: says so, and strace takes the disk's place", async ([, script], context) => {
    needs(context, "strace", "time");
    const PATH = pathWithout(["unshare"], script === "" ? {} : { unshare: script });
    const report = await stage.report(all, { env: { PATH } });
    expect(report.sandbox).toEqual({
      confined: false,
      notes: [expect.stringMatching(/^not confined: /) as string],
    });
    expect(faultOf(report, "005")).toMatchObject({ fired: true, strict: { verdict: "fail" } });
    expect(faultOf(report, "004").contract.verdict).toBe("fail");
  });

  it.for<[string, string]>([
    ["missing", ""],
    ["forbidden", "echo no >&2; exit 1"],
  ])("strace %s: the faults that need none still run", async ([, script]) => {
    const PATH = pathWithout(["strace"], script === "" ? {} : { strace: script });
    const report = await stage.report(all, { env: { PATH } });
    expect(faultOf(report, "002").contract).toMatchObject({
      verdict: "inconclusive",
      reason: { code: "not-fired", remedy: "apt-get install strace" },
    });
    expect(faultOf(report, "005")).toMatchObject({ fired: true });
  });

  it("no GNU time: a run too short to sample is not called measured", async () => {
    const report = await stage.report(all, { env: { PATH: pathWithout(["time"]) } });
    const { contract } = faultOf(report, "001");
    expect(contract).toMatchObject({
      verdict: "inconclusive",
      reason: { code: "not-measured", remedy: "apt-get install time" },
    });
    expect(faultOf(report, "004").fired).toBe(true);
  });

  it("no GNU time: a longer run is sampled", async () => {
    const flags = ["--faults", "001"];
    const report = await stage.script('cp "$1" "$2"; sleep 0.3', flags, {
      env: { PATH: pathWithout(["time"]) },
    });
    expect(faultOf(report, "001").contract.verdict).toBe("pass");
    expect(report.baseline.peak_rss_method).toBe("vm-hwm");
  });

  it("nothing at all but the command", async () => {
    const missing = ["sh", "time", "strace", "unshare", "nsenter", "mount", "umount", "true", "cat"];
    const report = await stage.report(all, { env: { PATH: pathWithout(missing) } });
    expect(report.sandbox.confined).toBe(false);
    expect(report.faults.map(({ contract }) => contract.verdict)).toContain("fail");
  });

  it("an ordinary user, whose programs can lock apr out", (context) => {
    needs(context, "strace", "time", "unshare");
    const args = [
      "--model",
      "model.bin",
      "--faults",
      "004,005",
      "--",
      "sh",
      "-c",
      LOCKING,
      "sh",
      "{model}",
      "{out}",
    ];
    const [program, ...words] = [
      ...asOrdinaryUser(),
      process.execPath,
      `${ROOT}dist/apr.cjs`,
      "qa",
      "chaos",
      "--json",
    ];
    const env = { ...process.env, TMPDIR: stage.temp };
    chmodSync(stage.folder, 0o755);
    chmodSync(stage.temp, 0o777);
    const { stdout } = spawnSync(program ?? "", [...words, ...args], {
      cwd: stage.folder,
      env,
      encoding: "utf8",
    });
    const report = JSON.parse(stdout) as ChaosReport;
    expect(report.baseline.exit_code).toBe(0);
    expect(faultOf(report, "005").fired).toBe(true);
    expect(report.exit_code).toBe(5);
    stage.expectClean();
  });
});

const LOCKING =
  'cp "$1" "$2"; mkdir "$HOME/a"; >"$HOME/a/b"; chmod 444 "$HOME/a"; chmod 0 "$2" "$PWD" "$TMPDIR"; exit 0';

/** Only root can become somebody else, and only where that user can read the built command. */
function asOrdinaryUser(): string[] {
  const su = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const [program, ...words] = su;
  const { status } = spawnSync(program ?? "", [...words, "test", "-r", `${ROOT}dist/apr.cjs`]);
  return process.getuid?.() === 0 && status === 0 ? su : ["env"];
}
