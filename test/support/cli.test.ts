import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr, startApr } from "./cli.ts";
import { readProjectFile } from "./files.ts";
import { pathWith, tempDir } from "./temp.ts";

const { version } = JSON.parse(readProjectFile("package.json")) as { version: string };

test("apr runs as it was built", async () => {
  expect(await apr(["--version"])).toMatchObject({
    code: 0,
    signal: null,
    stdout: `apr ${version}\n`,
    stderr: "",
  });
  expect((await apr(["--version", "--json"])).json()).toMatchObject({ name: "apr", version });
});

test("its output can go to a device that is full", async () => {
  const full = openSync("/dev/full", "w");
  try {
    const { code, stderr } = await apr(["--version"], { stdoutFd: full });
    expect({ code, told: stderr.includes("ENOSPC") }).toEqual({ code: 7, told: true });
  } finally {
    closeSync(full);
  }
});

test("a running apr can be killed with its whole group", async () => {
  const { child, result } = startApr(["--version"], { nodeFlags: ["--eval", "setInterval(() => {}, 1e6)"] });
  process.kill(-(child.pid ?? 0), "SIGKILL");
  expect(await result).toMatchObject({ code: null, signal: "SIGKILL" });
});

test("one that does not end is killed at its time limit", async () => {
  const flags = ["--eval", "setInterval(() => {}, 1e6)"];
  expect(await apr([], { nodeFlags: flags, timeoutMs: 300 })).toMatchObject({
    code: null,
    signal: "SIGKILL",
  });
});

let left = "";

test("a temporary folder is there during a test", () => {
  left = tempDir();
  expect(existsSync(left)).toBe(true);
});

test("and gone after it", () => {
  expect(left).not.toBe("");
  expect(existsSync(left)).toBe(false);
});

test("a path folder holds only the named programs", async () => {
  const folder = pathWith("sh", "jq");
  expect(readdirSync(folder).sort()).toEqual(["jq", "sh"]);
  expect(existsSync(join(folder, "sh"))).toBe(true);
  expect((await apr(["--version"], { env: { PATH: folder } })).code).toBe(0);
});
