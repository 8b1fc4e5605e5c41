import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { replayScript, shown } from "./replay-script.ts";
import type { CommandRecord, ReplayInstructions } from "./types.ts";

const OUTPUT = { text: "", total_bytes: 0, cut: false };
const RUN: ReplayInstructions = { safety: "safe", runs: true, reason: null };
const PRINT: ReplayInstructions = { safety: "approval-required", runs: false, reason: "of that" };

function record(argv: readonly string[], cwd = "/"): CommandRecord {
  return {
    ...{ argv, cwd, exit_code: 0, signal: null, duration_ms: 1 },
    ...{ stdout: OUTPUT, stderr: OUTPUT, redacted: false },
  };
}

const nasty = fc.oneof(
  fc.constantFrom(
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    "\n touch canary\n",
    "|touch canary",
    "'",
  ),
  fc.constantFrom(
    "\\",
    '"$(touch canary)"',
    "&& touch canary",
    "END",
    "#",
    "-n",
    "~",
    "*",
    "\u001b[2J",
    "😀",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 12 }).filter((word) => !/[\0\p{Surrogate}]/u.test(word)),
);

test("no recorded word is ever executed, and each comes through whole", (context) => {
  needs(context, "sh", "bash");
  const folder = tempDir();
  fc.assert(
    fc.property(
      fc.array(nasty, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("sh", "bash"),
      (words, shell) => {
        const commands = [record(["/usr/bin/printf", "%s\\0", ...words], folder)];
        writeFileSync(join(folder, "run.sh"), replayScript({ commands, replay: RUN }));
        writeFileSync(join(folder, "print.sh"), replayScript({ commands, replay: PRINT }));
        const ran = execFileSync(shell, [join(folder, "run.sh")], { cwd: folder, encoding: "utf8" });
        const line = ran.slice(0, ran.indexOf("\n") + 1);
        expect(ran.slice(line.length)).toBe(words.map((word) => `${word}\0`).join(""));
        expect(execFileSync(shell, [join(folder, "print.sh")], { cwd: folder, encoding: "utf8" })).toBe(line);
        // What is shown drives no terminal.
        expect(line).toBe(`${shown(line.slice(0, -1))}\n`);
        expect(existsSync(join(folder, "canary"))).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});

test("a program with the name of a builtin stays a program", (context) => {
  needs(context, "sh");
  const folder = tempDir();
  const commands = [record(["eval", "touch canary"], folder)];
  writeFileSync(join(folder, "run.sh"), replayScript({ commands, replay: RUN }));
  expect(spawnSync("sh", ["run.sh"], { cwd: folder }).status).toBe(127);
  expect(existsSync(join(folder, "canary"))).toBe(false);
});

test("it stops at the first command that fails, and runs each in its folder", (context) => {
  needs(context, "sh");
  const folder = join(tempDir(), "it's a $HOME");
  mkdirSync(folder);
  const commands = [
    record(["touch", "one"], folder),
    record(["sh", "-c", "exit 3"]),
    record(["touch", "two"], folder),
  ];
  const script = join(folder, "run.sh");
  writeFileSync(script, replayScript({ commands, replay: RUN }));
  expect(spawnSync("sh", [script]).status).toBe(3);
  expect([existsSync(join(folder, "one")), existsSync(join(folder, "two"))]).toEqual([true, false]);
  writeFileSync(script, replayScript({ commands: [record(["true"], "/nonexistent")], replay: RUN }));
  expect(spawnSync("sh", [script]).status).toBe(125);
});
