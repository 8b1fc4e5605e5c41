import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { apr } from "./support/cli.ts";
import { ROOT, readProjectFile } from "./support/files.ts";
import { tempDir } from "./support/temp.ts";

// The files under deploy/ are read as their machines read them, and their commands are run, with fewer seeds.

interface Job {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completions?: number;
    readonly completionMode?: string;
    readonly backoffLimitPerIndex?: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string;
          readonly command: readonly string[];
          readonly args?: readonly string[];
        }[];
        readonly volumes: readonly { readonly persistentVolumeClaim: { readonly claimName: string } }[];
      };
    };
  };
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly needs?: string;
        readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
        readonly steps: readonly { readonly name?: string; readonly run?: string }[];
      }
    >
  >;
}

function documents(path: string): readonly Job[] {
  return parseAllDocuments(readProjectFile(path)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Job;
  });
}

test("the Indexed Job runs one shard a pod, and the merge reads what it wrote", async () => {
  const [job, claim] = documents("deploy/kubernetes/sim-sweep.yaml");
  const [merge] = documents("deploy/kubernetes/sim-merge.yaml");
  if (job === undefined || claim === undefined || merge === undefined)
    throw new Error("a document is missing");
  const { completionMode, completions = 0, template } = job.spec;
  expect(completionMode).toBe("Indexed");
  const [container] = template.spec.containers;
  const args = container?.args ?? [];
  expect(args).toContain(`$(JOB_COMPLETION_INDEX)/${completions}`);
  for (const { spec } of [job, merge]) {
    expect(spec.template.spec.volumes[0]?.persistentVolumeClaim.claimName).toBe(claim.metadata.name);
  }
  const folder = tempDir();
  const range = args[args.indexOf("--seeds") + 1] ?? "";
  const run = args.map((each) =>
    each.replaceAll("$(JOB_COMPLETION_INDEX)", String(completions - 1)).replace("/results/", `${folder}/`),
  );
  run[run.indexOf("--seeds") + 1] = `0..${completions - 1}`;
  expect((await apr(["sim", "sweep", "all", "--seeds", range, "--time", "1ms", "--jobs", "1"])).code).toBe(0);
  expect((await apr(run)).code).toBe(0);
  expect(existsSync(join(folder, `shard-${completions - 1}.json`))).toBe(true);
  const [, , script = ""] = merge.spec.template.spec.containers[0]?.command ?? [];
  const merged = shell(script.replaceAll("/results/", `${folder}/`).replace("exec apr", APR));
  // One shard of many: nothing is broken, and seeds are missing.
  expect(merged.status).toBe(6);
  expect(existsSync(join(folder, "sweep.json"))).toBe(true);
}, 120_000);

test("the matrix has every shard, and its commands run", () => {
  const { env, jobs } = parse(readProjectFile("deploy/github/sim-sweep.yml")) as Workflow;
  const shards = jobs["sweep"]?.strategy?.matrix.shard ?? [];
  expect(shards).toEqual(Array.from({ length: Number(env["SHARDS"]) }, (_, index) => index));
  expect(jobs["merge"]?.needs).toBe("sweep");
  const folder = tempDir();
  const stepOf = (job: string): string => jobs[job]?.steps.find(({ name }) => name === job)?.run ?? "";
  const told = (text: string): string => text.replaceAll("node dist/apr.cjs", APR).replaceAll("10m", "1s");
  for (const shard of shards.slice(0, 2)) {
    const script = told(stepOf("sweep")).replaceAll("${{ matrix.shard }}", String(shard));
    expect(shell(script, { ...env, SEEDS: "0..15" }, folder).status).toBe(0);
    const written = JSON.parse(readFileSync(join(folder, `shard-${shard}.json`), "utf8")) as {
      readonly shards: unknown;
    };
    expect(written.shards).toEqual({ of: shards.length, in: [shard] });
  }
  expect(shell(told(stepOf("merge")), env, folder).status).toBe(0);
  expect(existsSync(join(folder, "sweep.json"))).toBe(true);
}, 120_000);

const APR = `"${process.execPath}" "${ROOT}dist/apr.cjs"`;

function shell(script: string, env: Readonly<Record<string, string>> = {}, cwd: string = ROOT) {
  return spawnSync("sh", ["-ec", script], { cwd, env: { ...process.env, ...env }, encoding: "utf8" });
}
