import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { ExitStatus } from "../processes.ts";
import { nodeProcesses } from "./processes.ts";

interface Ran extends Pick<ExitStatus, "code"> {
  readonly text: string;
}

async function run(script: string, input: string): Promise<Ran> {
  const child = await nodeProcesses.spawn({
    argv: ["sh", "-c", script],
    cwd: tempDir(),
    env: { PATH: process.env["PATH"] ?? "" },
    captureBytes: 1 << 20,
    input,
  });
  const { code } = await child.exited;
  await child.drained;
  return { code, text: child.stdout().text };
}

test("writes the input and closes stdin", async (context) => {
  needs(context, "sh");
  expect(await run("cat", "née\n")).toEqual({ code: 0, text: "née\n" });
  expect(await run("cat", "")).toEqual({ code: 0, text: "" });
  expect((await run("wc -c", "x".repeat(500_000))).text.trim()).toBe("500000");
});

test("a child that does not read its input is no error", async (context) => {
  needs(context, "sh");
  expect(await run("exec <&-; echo done", "x".repeat(5_000_000))).toEqual({ code: 0, text: "done\n" });
  expect((await run("exit 3", "x".repeat(5_000_000))).code).toBe(3);
});
