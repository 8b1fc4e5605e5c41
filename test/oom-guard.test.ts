import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { tinyGguf } from "./support/gguf.ts";
import { needs } from "./support/needs.ts";
import { memoryGroup } from "./support/oom/group.ts";
import { sparseGguf } from "./support/oom/model.ts";
import { aprRun, MIB } from "./support/oom/report.ts";
import { tempDir } from "./support/temp.ts";

/** More than any machine has free that this test runs on. */
const LARGER_THAN_THIS_MACHINE = Math.ceil(totalmem() / 32) * 32;

describe("apr run --guard", () => {
  test("a model that fits is started, with its path in the place of {model}", async () => {
    const path = sparseGguf(64 * MIB);
    const { code, stdout, document } = await aprRun(["--guard", "--model", path], ["echo", "-m", "{model}"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `-m ${path}\n` });
    expect(document.guard).toMatchObject({ verdict: "fits", forced: false });
    // The file is found in the command too.
    expect((await aprRun(["--guard"], ["echo", path])).document.guard).toMatchObject({ verdict: "fits" });
  });

  test("one that does not fit is not, unless forced; that is recorded", async () => {
    const path = sparseGguf(LARGER_THAN_THIS_MACHINE);
    const refused = await apr(["run", "--guard", "--json", "--", "echo", path]);
    expect(refused).toMatchObject({ code: 125 });
    expect(refused.json()).toMatchObject({ error: { guard: "too-large", exit_code: 125 } });
    expect(refused.stderr).toMatch(/^apr: not started: predicted peak .* over 80 % of .* available \(.*\)\n/);
    const forced = await aprRun(["--guard", "--force"], ["echo", path]);
    expect(forced).toMatchObject({
      code: 0,
      stdout: `${path}\n`,
      document: { guard: { verdict: "too-large", forced: true } },
    });
    expect(forced.stderr).toMatch(/^apr: started by --force: /);
  });

  test("a context that does not fit is not started either", async () => {
    const path = sparseGguf(MIB);
    const { code, stderr } = await apr(["run", "--guard", "--context", "2000000000", "--", "echo", path]);
    expect({ code, refused: stderr.startsWith("apr: not started: predicted peak") }).toEqual({
      code: 125,
      refused: true,
    });
    expect(await apr(["run", "--guard", "--context", "0", "--", "echo", path])).toMatchObject({ code: 125 });
  });

  test("the limit of a control group counts", async (context) => {
    needs(context, "sh");
    const group = memoryGroup(context, 300 * MIB);
    const path = sparseGguf(400 * MIB);
    const { APR } = await import("./support/cli.ts");
    const { spawnSync } = await import("node:child_process");
    const run = [
      "-c",
      `${group.enter}; exec "$@"`,
      "sh",
      process.execPath,
      APR,
      "run",
      "--guard",
      "--",
      "echo",
      path,
    ];
    const { status, stderr } = spawnSync("sh", run, { encoding: "utf8" });
    expect(status).toBe(125);
    expect(stderr).toContain(`memory limit of cgroup ${group.name}`);
  });

  test("what cannot be predicted is not started: no model, no model file, one that lacks facts", async () => {
    const bare = join(tempDir(), "bare.gguf");
    writeFileSync(bare, tinyGguf());
    const broken = join(tempDir(), "broken.gguf");
    writeFileSync(broken, "GGUF");
    for (const args of [["true"], ["echo", bare], ["echo", broken]]) {
      const { code, stdout, stderr } = await apr(["run", "--guard", "--", ...args]);
      expect({ code, stdout, refused: /^apr: not started: ./.test(stderr) }).toEqual({
        code: 125,
        stdout: "",
        refused: true,
      });
      expect(await apr(["run", "--guard", "--force", "--", ...args])).toMatchObject({ code: 0 });
    }
  });
});
