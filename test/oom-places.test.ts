import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { APR, startApr } from "./support/cli.ts";
import { needs, notRun } from "./support/needs.ts";
import { aprRun, expectSoundReport } from "./support/oom/report.ts";
import { tempDir } from "./support/temp.ts";

// Where a report goes, and what happens when it cannot go there. The death itself is a cheap one.

const DEATH = ["sh", "-c", "echo MemoryError >&2; exit 9"] as const;

const reports = (): string[] => readdirSync("/tmp").filter((name) => /apr-oom/.test(name));

/** Runs apr with another `/tmp`, as a shell in a mount namespace of its own makes it. */
function withTmp(
  context: Parameters<typeof needs>[0],
  setUp: string,
  flags: readonly string[],
): { status: number | null; stderr: string } {
  needs(context, "unshare", "mount", "sh");
  const script = `${setUp}\nexec "$@"`;
  const command = [process.execPath, APR, "run", ...flags, "--", ...DEATH];
  const { status, stderr } = spawnSync("unshare", ["-Urm", "sh", "-ec", script, "sh", ...command], {
    encoding: "utf8",
  });
  if (/unshare.*(?:failed|not permitted)/.test(stderr)) notRun(context, "user namespaces", "allow them");
  return { status, stderr };
}

/** A folder outside `/tmp`. */
function elsewhere(): string {
  const folder = mkdtempSync("/var/tmp/apr-test-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a full /tmp: a message, the program's own exit code, a copy where one was asked for", (context) => {
  const full = "mount -t tmpfs -o size=64k tmpfs /tmp; head -c 65536 /dev/zero >/tmp/full || true";
  const { status, stderr } = withTmp(context, full, []);
  expect(status).toBe(9);
  expect(stderr).toMatch(
    /^apr: the program ran out of memory, but its report could not be written to \/tmp: no space is left there \(ENOSPC\)\n {5}use --report-dir/m,
  );
  expect(stderr).not.toContain("OOM_REPORT");
  const folder = elsewhere();
  const copied = withTmp(context, full, ["--report-dir", join(folder, "new")]);
  expect(copied.status).toBe(9);
  const [name = ""] = readdirSync(join(folder, "new"));
  expect(name).toMatch(/^apr-oom-\d+\.json$/);
  expect(copied.stderr).toContain(`the report is at ${join(folder, "new", name)}`);
  expect(JSON.parse(readFileSync(join(folder, "new", name), "utf8"))).toMatchObject({ exit_code: 9 });
});

test("a /tmp that may not be written to", (context) => {
  const { status, stderr } = withTmp(context, "mount -t tmpfs -o ro tmpfs /tmp", [
    "--report-dir",
    "/proc/nowhere",
  ]);
  expect(status).toBe(9);
  expect(stderr).toMatch(/^apr: .* could not be written to \/tmp: it is read-only \(EROFS\)$/m);
  expect(stderr).toMatch(/^apr: .* could not be written to \/proc\/nowhere: /m);
});

test("names that are links to somebody's file already: not followed, not replaced", async (context) => {
  needs(context, "sh");
  const folder = tempDir();
  const victim = join(folder, "victim");
  writeFileSync(victim, "precious");
  const now = Math.floor(Date.now() / 1000);
  const links = Array.from({ length: 30 }, (_, index) => `/tmp/apr-oom-${now + index}.json`);
  onTestFinished(() => links.forEach((link) => rmSync(link, { force: true })));
  for (const [index, link] of links.entries())
    symlinkSync(index % 2 === 0 ? victim : join(folder, "dangling"), link);
  const result = await aprRun([], DEATH);
  expect(result.code).toBe(9);
  await expectSoundReport(result);
  expect(links).not.toContain(result.path);
  expect(readFileSync(victim, "utf8")).toBe("precious");
  expect(readdirSync(folder)).toEqual(["victim"]);
  expect(links.every((link) => readlinkSync(link) !== "")).toBe(true);
});

test("several in the same second get names of their own, all sound, and no other file is left", async (context) => {
  needs(context, "sh");
  const before = reports();
  const results = await Promise.all(Array.from({ length: 4 }, () => aprRun([], DEATH)));
  expect(new Set(results.map(({ path }) => path)).size).toBe(4);
  for (const result of results) await expectSoundReport(result);
  const names = results.map(({ path }) => path?.slice("/tmp/".length) ?? "");
  expect(
    reports()
      .filter((name) => !before.includes(name))
      .sort(),
  ).toEqual(names.sort());
});

test("a second copy beside the first", async (context) => {
  needs(context, "sh");
  const folder = join(tempDir(), "made", "for it");
  const result = await aprRun(["--report-dir", folder], DEATH);
  await expectSoundReport(result);
  const [name = ""] = readdirSync(folder);
  expect(readFileSync(join(folder, name), "utf8")).toBe(readFileSync(result.path ?? "", "utf8"));
  expect(lstatSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test("apr killed by SIGKILL: the program goes on to its end, nothing is written or left in /tmp", async (context) => {
  needs(context, "sh");
  const folder = tempDir();
  const before = readdirSync("/tmp");
  const { child, result } = startApr(["run", "--", "sh", "-c", `echo $$ >pid; sleep 0.8; echo done >done`], {
    cwd: folder,
  });
  await until(() => existsSync(join(folder, "pid")));
  child.kill("SIGKILL");
  expect(await result).toMatchObject({ code: null, signal: "SIGKILL", stderr: "" });
  await until(() => existsSync(join(folder, "done")));
  expect(
    readdirSync("/tmp").filter((name) => !before.includes(name) && /apr-(?:oom|run)/.test(name)),
  ).toEqual([]);
});

async function until(there: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !there(); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(there()).toBe(true);
}
