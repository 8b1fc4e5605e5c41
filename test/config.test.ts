import { Ajv2020 } from "ajv/dist/2020.js";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expect, test } from "vitest";
import { readConfigFile } from "../src/cli/config/file.ts";
import { KEY_NAMES } from "../src/cli/config/keys.ts";
import { loadConfig } from "../src/cli/config/load.ts";
import { nodeFiles } from "../src/world/node/files.ts";
import { apr } from "./support/cli.ts";
import { quietEnv } from "./support/device/stub.ts";
import { readProjectFile } from "./support/files.ts";
import { tempDir } from "./support/temp.ts";

function project(text: string): string {
  const folder = tempDir();
  writeFileSync(join(folder, "apr.yaml"), text);
  return folder;
}

test("each value, and who set it: files, variables, flags", async () => {
  const home = tempDir();
  mkdirSync(join(home, ".config", "apr"), { recursive: true });
  const own = join(home, ".config", "apr", "config.yaml");
  writeFileSync(own, "device: cpu\nmodels: shelf\nprobe_timeout: 3s\nengines: [llama-cli, python3]\n");
  const cwd = project("device: cuda:1\n");
  const env = { ...quietEnv(), HOME: home, APR_PROBE_TIMEOUT: "2s" };
  const found = await apr(["config", "--json"], { env, cwd });
  expect(found.json()).toMatchObject({
    files: [own, join(cwd, "apr.yaml")],
    settings: [
      { key: "device", value: "cuda:1", origin: "project-file", from: join(cwd, "apr.yaml") },
      { key: "models", value: join(home, "shelf"), origin: "user-file", from: own },
      { key: "engines", value: ["llama-cli", "python3"], origin: "user-file" },
      { key: "probe_timeout", value: "2000ms", origin: "environment", from: "APR_PROBE_TIMEOUT" },
    ],
  });
  const flagged = await apr(["config", "--device", "auto", "--store", "here"], { env, cwd });
  expect(flagged.stdout).toMatch(/^ {2}device +auto +--device$/m);
  expect(flagged.stdout).toContain(join(cwd, "here"));
});

test("the store is where the config file says", async () => {
  const cwd = project("models: shelf\n");
  const { code, stderr } = await apr(["show", "x"], { env: { ...quietEnv(), APR_MODELS: undefined }, cwd });
  expect(code).toBe(3);
  expect(stderr).toContain(`no model store: ${join(cwd, "shelf")}`);
});

test.each([
  ["device: gpu\n", 2, "not a device"],
  ["models: /elsewhere\n", 2, "inside the project"],
  ["models: a/../../b\n", 2, "inside the project"],
  ["probe_timeout: 1h\n", 2, "out of range"],
  ["engines: 'a \"b'\n", 2, "unclosed"],
  ["devise: cpu\n", 4, "no such setting"],
  ["device: [cpu]\n", 2, "a list"],
  ["device: 3\n", 4, "no text"],
  ["- cpu\n", 4, "not a map"],
  ["device: cpu\ndevice: auto\n", 4, "unique"],
  ["device: &a cpu\nmodels: *a\n", 4, "alias"],
  ["device: 'cpu\n", 4, "quote"],
  [`engines: ${"[".repeat(30_000)}\n`, 4, "apr.yaml"],
  [`#${"x".repeat(65_536)}\n`, 4, "larger than 64 KiB"],
  ["device: \u0000\n", 2, "NUL"],
] as const)("%j is refused with exit %i", async (text, code, words) => {
  const result = await apr(["config", "--json"], { env: quietEnv(), cwd: project(text) });
  expect(result.code).toBe(code);
  const { error } = result.json() as { error: { message: string } };
  expect(error.message.toLowerCase()).toContain(words.toLowerCase());
  expect(error.message).toContain("apr.yaml");
});

test("a config that cannot be read does not keep the version report from coming", async () => {
  const result = await apr(["--version", "--json"], { env: quietEnv(), cwd: project("devise: cpu\n") });
  expect(result.code).toBe(0);
  expect(result.json()).toHaveProperty("config_problem", expect.stringContaining("no such setting"));
});

test("an empty file sets nothing, a link is followed, and another kind of file is refused", async () => {
  const folder = project("");
  symlinkSync(join(folder, "apr.yaml"), join(folder, "link"));
  expect(await readConfigFile(nodeFiles, join(folder, "link"))).toEqual({});
  await expect(readConfigFile(nodeFiles, folder)).rejects.toMatchObject({ kind: "malformed" });
  expect(await readConfigFile(nodeFiles, join(folder, "none"))).toBeNull();
});

test("the published schema has the same keys, and accepts and refuses as the reader does", async () => {
  const schema = JSON.parse(readProjectFile("schemas/config.schema.json")) as { properties: object };
  expect(Object.keys(schema.properties)).toEqual([...KEY_NAMES]);
  const valid = new Ajv2020({ strict: true }).compile(schema);
  const texts = [
    ...[
      "device: cuda:15\n",
      "device: cuda:16\n",
      "engines: [a, b]\n",
      "engines: [1]\n",
      "probe_timeout: 2s\n",
    ],
    ...["probe_timeout: 2\n", "unknown: x\n", "models: shelf\n", "models: 3\n", "[]\n", "{}\n"],
  ];
  for (const text of texts) {
    const accepted = await loadConfig({ files: nodeFiles, env: {}, folder: project(text) }).then(
      () => true,
      () => false,
    );
    expect([text, valid(parse(text))]).toEqual([text, accepted]);
  }
});
