import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

interface Step {
  readonly name?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const TEXT = readFileSync("action.yml", "utf8");
const action = parse(TEXT) as Action;

it("the action is composite, names only inputs that it has, and puts none into a script", () => {
  expect(action.runs.using).toBe("composite");
  const named = [...TEXT.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name);
  expect(named.filter((name) => !Object.hasOwn(action.inputs, name ?? ""))).toEqual([]);
  for (const step of action.runs.steps) {
    expect(step.run === undefined || (step.shell === "bash" && !step.run.includes("${{")), step.name).toBe(
      true,
    );
    expect((step.run === undefined) !== (step.uses === undefined)).toBe(true);
  }
});

it("the action's own script runs a scenario, and hands its exit code on", { timeout: 60_000 }, (context) => {
  needs(context, "strace", "unshare", "bash");
  const folder = tempDir();
  const step = action.runs.steps.find(({ name }) => name === "apr qa run");
  const subject = { command: ["cp", "{model}", "{out}"], model: { size: "4KiB" }, faults: ["SIGTERM"] };
  writeFileSync(join(folder, "s.yaml"), JSON.stringify({ version: 1, subjects: [subject] }));
  mkdirSync(join(folder, "temp"));
  const env = {
    ...process.env,
    APR_ACTION_PATH: process.cwd(),
    APR_SCENARIO: "s.yaml",
    APR_ONLY: "",
    APR_SARIF: "apr.sarif",
    RUNNER_TEMP: join(folder, "temp"),
    GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
  };
  let code = 0;
  try {
    execFileSync("bash", ["-e", "-c", step?.run ?? "exit 99"], { cwd: folder, env, stdio: "pipe" });
  } catch (error) {
    code = (error as { status: number }).status;
  }
  expect(code).toBe(5);
  expect(existsSync(join(folder, "apr.sarif"))).toBe(true);
  expect(readFileSync(join(folder, "summary.md"), "utf8")).toContain("**partial output**");
});

it("the container file copies what the package has", () => {
  const text = readFileSync("deploy/Containerfile", "utf8");
  const copied = [...text.matchAll(/\/build\/([a-z_.]+)(?: |$)/gm)].map(([, name]) => name);
  expect(copied).toEqual(["package.json", "dist", "schemas", "node_modules"]);
  expect(text).toContain('ENTRYPOINT ["apr"]');
});
