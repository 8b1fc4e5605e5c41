import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apr, startApr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { aprRun } from "./support/oom/report.ts";
import { tempDir } from "./support/temp.ts";

describe("the program's own", () => {
  test("streams: stdin, stdout and stderr, byte for byte; stderr can be opened by its name", async (context) => {
    needs(context, "sh");
    const script = String.raw`cat; printf '\377\000x\r' >&2; printf 'by name' >/dev/stderr; exit 3`;
    const { code, stdout, stderr } = await apr(["run", "--", "sh", "-c", script], { input: "in\0put" });
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: "in\0put", stderr: "\ufffd\0x\rby name" });
  });

  test("stderr of 30 MB, in its order and whole", async (context) => {
    needs(context, "sh");
    const { code, stderr } = await apr(["run", "--", "sh", "-c", "seq 1 4000000 >&2"]);
    const lines = stderr.split("\n");
    expect({ code, last: lines.at(-2), count: lines.length }).toEqual({
      code: 0,
      last: "4000000",
      count: 4_000_001,
    });
  });

  test.each([
    ["exit 0", 0],
    ["exit 77", 77],
    ["kill -TERM $$", 143],
    ["kill -SEGV $$", 139],
    ["kill -34 $$", 162],
    ["kill -KILL $$", 137],
  ])("exit code: %s", async (script, code) => {
    expect(await aprRun([], ["sh", "-c", script])).toMatchObject({
      code,
      stderr: "",
      document: { exit_code: code },
    });
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT"] as const)(
    "%s to apr reaches the program",
    async (name) => {
      const { child, result } = startApr([
        ...["run", "--", "sh", "-c"],
        `trap 'echo got; exit 42' ${name.slice(3)}; echo ready; while :; do sleep 0.02; done`,
      ]);
      child.stdout?.once("data", () => child.kill(name));
      expect(await result).toMatchObject({ code: 42, stdout: "ready\ngot\n" });
    },
  );

  test("a process that it leaves behind is not waited for, and lives on", async (context) => {
    needs(context, "sh");
    const started = Date.now();
    const { code, stdout } = await apr(["run", "--", "sh", "-c", "sleep 5 >/dev/null & echo $!"]);
    expect({ code, quick: Date.now() - started < 4000 }).toEqual({ code: 0, quick: true });
    expect(process.kill(Number(stdout), "SIGTERM")).toBe(true);
  });
});

describe("apr's own errors", () => {
  test.each([
    [[], 125, "usage"],
    [["--nosuch"], 125, "usage"],
    [["--", "/nonexistent/program"], 127, "not-found"],
    [["--", "/"], 126, "io"],
    [["--guard", "--", "true"], 125, "inconclusive"],
    [["--model", "/nonexistent.gguf", "--", "true"], 125, "usage"],
  ])("%j ends with %d", async (args, code, kind) => {
    const options = { env: { APR_MODELS: tempDir() } };
    const plain = await apr(["run", ...args], options);
    expect({ code: plain.code, stdout: plain.stdout, told: /^apr: ./.test(plain.stderr) }).toEqual({
      code,
      stdout: "",
      told: true,
    });
    const json = await apr(["run", "--json", ...args], options);
    expect(json).toMatchObject({ code });
    expect(json.json()).toMatchObject({ error: { kind, exit_code: code } });
  });

  test("a document that cannot be written is told of; the exit code stays the program's", async (context) => {
    needs(context, "sh");
    const { code, stderr } = await apr([
      "run",
      "--report",
      "/nonexistent/x.json",
      "--",
      "sh",
      "-c",
      "exit 8",
    ]);
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /^apr: the document about the run could not be written to \/nonexistent\/x\.json: ENOENT\n$/,
    );
  });
});

test("secrets of the command line, the environment and stderr are in no file", async (context) => {
  needs(context, "sh");
  const token = `hf_${"Ab1".repeat(12)}`;
  const script = `echo "login with ${token}" >&2; echo MemoryError >&2; exit 1`;
  const command = ["sh", "-c", script, "--password", "correct-horse-9"];
  const env = { HF_TOKEN: "plain-looking-value", CUDA_VISIBLE_DEVICES: "0" };
  const { report, document } = await aprRun([], command, { env });
  expect(report?.program.environment).toMatchObject({ CUDA_VISIBLE_DEVICES: "0" });
  const all = JSON.stringify([report, document]);
  expect(all).toContain("[redacted:");
  for (const secret of [token, "plain-looking-value", "correct-horse-9"]) expect(all).not.toContain(secret);
});

test("an apr run inside another tells once", async (context) => {
  needs(context, "sh");
  const { APR } = await import("./support/cli.ts");
  const inner = [process.execPath, APR, "run", "--", "sh", "-c", "echo MemoryError >&2; exit 6"];
  const { code, stderr, document, path } = await aprRun([], inner);
  expect({ code, lines: stderr.match(/OOM_REPORT/g)?.length }).toEqual({ code: 6, lines: 1 });
  expect(document.oom?.report).toBe(path);
});

test("Node's options stay, and its report folder does not outlive the run", async () => {
  const folder = tempDir();
  const script = join(folder, "show.cjs");
  writeFileSync(script, "console.log(process.env.NODE_OPTIONS + '|' + process.report.directory)");
  const env = { NODE_OPTIONS: "--max-old-space-size=100", TMPDIR: folder };
  const shown = await apr(["run", "--", process.execPath, script], { env });
  expect(shown.stdout).toMatch(
    /^--max-old-space-size=100 --report-on-fatalerror --report-directory="(.*)"\|\1\n$/,
  );
  const without = await apr(["run", "--no-node-report", "--", process.execPath, script], { env });
  expect(without.stdout).toBe("--max-old-space-size=100|\n");
  const { readdirSync } = await import("node:fs");
  expect(readdirSync(folder)).toEqual(["show.cjs"]);
});
