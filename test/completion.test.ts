import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it, test, type TestContext } from "vitest";
import { APR, apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { type Bench, bench } from "./support/store-bench.ts";

/** A store with a few tags, and a folder for `PATH` with `apr` in it. */
async function tagged(): Promise<Bench & { readonly env: NodeJS.ProcessEnv }> {
  const made = bench();
  const { folder, store, model, run } = made;
  expect((await run("import", model, "--as", "qwen:0.5b")).code).toBe(0);
  expect((await run("cp", "qwen:0.5b", "qwen:old")).code).toBe(0);
  expect((await run("cp", "qwen:0.5b", "hf.co/owner/name:q4")).code).toBe(0);
  writeFileSync(`${folder}/apr`, `#!/bin/sh\nexec "${process.execPath}" "${APR}" "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, APR_MODELS: store, HOME: folder, PATH: `${folder}:${process.env["PATH"]}` };
  return { ...made, env };
}

/** What Tab gives in a real bash, which has cut the line into words as readline does. */
function inBash(env: NodeJS.ProcessEnv, ...lines: readonly (readonly string[])[]): string[] {
  const steps = lines.map((words) => {
    const line = words.join(" ").replaceAll(" : ", ":").replace(/ :$/, ":");
    const array = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; _apr; echo "\${COMPREPLY[*]}"`;
  });
  const script = ["source <(apr completion bash)", ...steps].join("\n");
  return execFileSync("bash", ["--norc", "-c", script], { env, encoding: "utf8" }).trimEnd().split("\n");
}

test("bash: commands, flags, values and tags, also behind a colon", async (context: TestContext) => {
  needs(context, "bash");
  const { env } = await tagged();
  const found = inBash(
    env,
    ["apr", "ex"],
    ["apr", "cp", ""],
    ["apr", "cp", "qwen", ":", "o"],
    ["apr", "rm", "qwen", ":", "old", "hf"],
    ["apr", "export", "--format", "o"],
    ["apr", "gc", "--dry"],
    ["apr", "qa", ""],
    ["apr", "inspect", "qwen", ":", "0"],
  );
  expect(found).toEqual([
    "export exec",
    "hf.co/owner/name:q4 qwen:0.5b qwen:old",
    "old",
    "hf.co/owner/name:q4",
    "oci ollama",
    "--dry-run",
    "chaos sweep run init merge",
    "0.5b",
  ]);
});

test("zsh and fish get the same proposals", async (context: TestContext) => {
  const { env } = await tagged();
  const proposals = "hf.co/owner/name:q4\nqwen:0.5b\nqwen:old\n";
  needs(context, "zsh", "fish");
  const zsh = `compdef() { :; }; compadd() { print -rl -- \${(P)2}; }; eval "$(apr completion zsh)"; words=(apr cp ""); CURRENT=3; _apr`;
  expect(execFileSync("zsh", ["-f", "-c", zsh], { env, encoding: "utf8" })).toBe(proposals);
  const fish = "apr completion fish | source; complete -C 'apr cp ' | string split -f1 \\t";
  const lines = execFileSync("fish", ["--no-config", "-c", fish], { env, encoding: "utf8" });
  expect(lines.replace(/\n+/g, "\n")).toBe(proposals);
});

describe("apr __complete", () => {
  const store = { APR_MODELS: "/dev/null" };
  it.each<[string, readonly string[]]>([
    ["a store that is none", ["cp", ""]],
    ["no such command", ["nosuch", ""]],
    ["no such flag", ["cp", "--nosuch", "x", ""]],
    ["another program's words", ["exec", "m", "--", ""]],
    ["no word", []],
    ["a --store that is not there", ["cp", "--store", "/nonexistent", ""]],
  ])("is silent: %s", async (_, words) => {
    const { code, stdout, stderr } = await apr(["__complete", "--", ...words], { env: store });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("looks into the store that the line names", async () => {
    const { store: other } = await tagged();
    const { stdout } = await apr(["__complete", "--", "show", "--store", other, "qwen:o"], { env: store });
    expect(stdout).toMatch(/^qwen:old\t.*\n$/);
  });
});

describe("every command", () => {
  let commands: string[];
  beforeAll(async () => {
    const { stdout } = await apr(["__complete", "--", ""]);
    commands = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0] ?? "");
  });

  it("is proposed, and has examples in its help", async () => {
    expect(commands).toEqual(expect.arrayContaining(["import", "ls", "show", "inspect", "completion", "qa"]));
    for (const command of commands) {
      const words = command === "qa" ? ["qa", "chaos"] : [command];
      const { code, stdout } = await apr([...words, "--help"]);
      expect(code).toBe(0);
      const usage = stdout.split("\n").filter((line) => line.startsWith(`  apr ${words.join(" ")}`));
      expect(usage.length, command).toBeGreaterThan(1);
    }
  });
});

test("an unknown shell is a usage error, in JSON too", async () => {
  const { code, json } = await apr(["completion", "tcsh", "--json"]);
  expect({ code, document: json() }).toMatchObject({ code: 2, document: { error: { kind: "usage" } } });
});
