import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { doctorContract } from "../src/contracts/doctor.ts";
import { judgeGate } from "../src/contracts/judge.ts";
import { apr, type AprResult } from "./support/cli.ts";
import { quietEnv } from "./support/device/stub.ts";
import { pathWith, tempDir } from "./support/temp.ts";

const NO_GPU = JSON.stringify({ cuda_runtime_available: false });
const GPU = JSON.stringify({ cuda_runtime_available: true, devices: ["A"] });

interface Document {
  readonly checks: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly judged: string;
    readonly finding: string;
    readonly fix: string | null;
    readonly reason: { readonly code: string } | null;
  }[];
  readonly exit_code: number;
}

async function doctor(
  args: readonly string[],
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<AprResult> {
  const env = { ...quietEnv(), APR_MODELS: undefined, APR_DEVICE_FIXTURE: NO_GPU, ...more };
  return apr(["doctor", ...args], { env, cwd: tempDir() });
}

test("every check has a live verdict, and what does not pass says how to mend it", async () => {
  const result = await doctor(["--json"]);
  const { checks, exit_code: exitCode } = result.json() as Document;
  expect([result.code, exitCode]).toEqual([0, 0]);
  expect(checks.map(({ id }) => id)).toEqual([
    ...["store", "space", "file system", "reflink", "system", "namespaces", "strace", "GNU time"],
    ...["cgroup", "memory", "gpu", "build", "credentials"],
  ]);
  expect(checks.every(({ judged }) => judged === "live")).toBe(true);
  expect(checks.filter(({ verdict, fix }) => verdict === "pass" && fix !== null)).toEqual([]);
});

test("a missing GPU matters to the one who asks for it: exit 5, and only then", async () => {
  const wanted = await doctor(["--for", "gpu"]);
  expect(wanted.code).toBe(5);
  expect(wanted.stdout).toMatch(/^ {2}gpu +FAIL /m);
  expect(wanted.stdout).toContain("→ nvidia-smi -L");
  expect(wanted.stdout).toContain("not ready for gpu; exit 5");
  expect((await doctor([])).code).toBe(0);
  expect((await doctor(["--for", "gpu"], { APR_DEVICE_FIXTURE: GPU })).code).toBe(0);
  expect((await doctor(["--for", "store"])).code).toBe(0);
});

test("without strace, faults cannot be proven: exit 5 for chaos, with the package", async () => {
  const { code, json } = await doctor(["--for", "chaos", "--json"], { PATH: pathWith("sh") });
  expect(code).toBe(5);
  const { checks } = json() as Document;
  const strace = checks.find(({ id }) => id === "strace");
  expect(strace).toMatchObject({ reason: { code: "no-strace" }, fix: "apt-get install strace" });
});

test("a store that cannot be written to, and a look that leaves nothing behind", async () => {
  const root = tempDir();
  const before = readdirSync(root);
  const { code, json } = await doctor(["--for", "store", "--json"], { APR_MODELS: root });
  expect(code).toBe(0);
  const { checks } = json() as Document;
  expect(checks.find(({ id }) => id === "reflink")?.reason?.code).not.toBe("not-tried");
  expect(readdirSync(root)).toEqual(before);
  const file = join(root, "file");
  writeFileSync(file, "");
  const shut = await doctor(["--for", "store", "--json"], { APR_MODELS: join(file, "store") });
  expect(shut.code).toBe(5);
});

test("a file of credentials that is none is named, and its content is not", async () => {
  const home = tempDir();
  mkdirSync(join(home, ".docker"));
  const path = join(home, ".docker", "config.json");
  writeFileSync(path, "secret-of-mine");
  chmodSync(path, 0o600);
  const { stdout, json } = await doctor(["--json"], {
    HOME: home,
    DOCKER_CONFIG: undefined,
    HF_TOKEN: "hf_mine",
  });
  const { checks } = json() as Document;
  const found = checks.find(({ id }) => id === "credentials");
  expect(found).toMatchObject({ verdict: "fail", reason: { code: "unreadable-credentials", path } });
  expect(stdout).not.toContain("secret-of-mine");
  expect(stdout).not.toContain("hf_mine");
});

describe("the gates", () => {
  test.each([
    ["APR-DOCTOR-STORE", { writable: false }, "not-writable"],
    ["APR-DOCTOR-SPACE", { free_bytes: 1024 ** 3 }, null],
    ["APR-DOCTOR-SPACE", { free_bytes: 1024 ** 3 - 1 }, "little-space"],
    ["APR-DOCTOR-FILE-SYSTEM", { type: "ext4" }, null],
    ["APR-DOCTOR-FILE-SYSTEM", { type: "nfs4" }, "network-file-system"],
    ["APR-DOCTOR-FILE-SYSTEM", {}, "unknown-file-system"],
    ["APR-DOCTOR-REFLINK", { reflink: false }, "no-reflink"],
    ["APR-DOCTOR-REFLINK", { reflink: null }, "not-tried"],
    ["APR-DOCTOR-SYSTEM", { platform: "darwin" }, "not-linux"],
    ["APR-DOCTOR-NAMESPACES", { tool: true, works: false }, "forbidden"],
    ["APR-DOCTOR-NAMESPACES", { tool: false, works: false }, "no-unshare"],
    ["APR-DOCTOR-STRACE", { tool: true, works: false, ptrace_scope: 3 }, "forbidden"],
    ["APR-DOCTOR-TIME", { tool: false }, "no-gnu-time"],
    ["APR-DOCTOR-CGROUP", { version: 1, delegated: false }, "cgroup-v1"],
    ["APR-DOCTOR-CGROUP", { version: 0, delegated: false }, "no-cgroup"],
    ["APR-DOCTOR-CGROUP", { version: 2, delegated: false }, "not-delegated"],
    ["APR-DOCTOR-CGROUP", { version: 2, delegated: true }, null],
    ["APR-DOCTOR-MEMORY", {}, "not-told"],
    ["APR-DOCTOR-MEMORY", { available_bytes: 0 }, null],
    ["APR-DOCTOR-GPU", { wanted: true, available: false, why: "timeout" }, "no-gpu"],
    ["APR-DOCTOR-GPU", { wanted: false, available: false }, null],
    ["APR-DOCTOR-CREDENTIALS", { unreadable: ["a"] }, "unreadable-credentials"],
    ["APR-DOCTOR-CREDENTIALS", {}, "missing-evidence"],
  ] as const)("%s on %j: %s", (name, evidence, code) => {
    const gate = doctorContract.gates.find((each) => each.name === name);
    if (gate === undefined) throw new Error(`no gate ${name}`);
    expect(judgeGate(gate, evidence, "live").reason?.code ?? null).toBe(code);
  });
});
