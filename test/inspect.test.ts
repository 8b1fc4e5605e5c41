import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_TENSORS } from "../src/model/limits.ts";
import { APR, apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { bench, HEX } from "./support/store-bench.ts";
import { type GgufSpec, writeGguf } from "./support/models/gguf.ts";
import { writeSafetensors } from "./support/models/safetensors.ts";
import { tempDir } from "./support/temp.ts";

const MODEL: GgufSpec = {
  metadata: [
    ["general.architecture", { type: "string", value: "llama" }],
    ["general.name", { type: "string", value: "Tiny\u001b[31m Model" }],
    ["general.file_type", { type: "u32", value: 15 }],
    ["llama.context_length", { type: "u64", value: 2n ** 63n + 1n }],
    ["llama.attention.head_count", { type: "u32", value: 4 }],
    ["tokenizer.ggml.tokens", { type: "array", element: "string", items: [{ type: "string", value: "a" }] }],
  ],
  tensors: [
    { name: "output.weight", type: 14, shape: [256, 2], sizeBytes: 420 },
    { name: "token_embd.weight", type: 12, shape: [256, 8], sizeBytes: 1152 },
  ],
};

function modelFile(bytes: Uint8Array, name = "tiny.gguf"): string {
  const path = join(tempDir(), name);
  writeFileSync(path, bytes);
  return path;
}

test("a GGUF file's facts are on one screen", async () => {
  const path = modelFile(writeGguf(MODEL));
  const { code, stdout, stderr } = await apr(["inspect", path]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("llama · Q4_K_M · 2,560 parameters");
  expect(stdout).toContain("Tiny\\x1b[31m Model");
  expect(stdout).toContain("Q4_K_M says general.file_type; most values are Q4_K");
  expect(stdout).toContain("context     9,223,372,036,854,775,809 tokens");
  expect(stdout).toContain("not stated  licence, embedding length, block count, head count kv");
  expect(stdout.split("\n").length).toBeLessThan(25);
  expect(stdout).not.toContain("output.weight");
});

test("--json has one schema, with exact numbers and what is missing", async () => {
  const path = modelFile(writeGguf(MODEL));
  const { code, stdout, json } = await apr(["inspect", path, "--json", "--tensors"]);
  expect(code).toBe(0);
  expect(stdout).toContain('"context_length":9223372036854775809');
  expect(json()).toMatchObject({
    path,
    kind: "facts",
    format: "gguf",
    format_version: 3,
    byte_order: "little",
    architecture: "llama",
    parameters: 2560,
    quantization: "Q4_K_M",
    quantization_from: "general.file_type",
    file_type: 15,
    majority_type: "Q4_K",
    tensor_count: 2,
    tensor_bytes: 1572,
    head_count: 4,
    vocabulary_size: 1,
    missing: ["licence", "embedding_length", "block_count", "head_count_kv"],
    tensors: [
      { name: "output.weight", type: "Q6_K", shape: [256, 2], parameters: 512, bytes: 420 },
      { name: "token_embd.weight", type: "Q4_K", shape: [256, 8], parameters: 2048, bytes: 1152 },
    ],
  });
});

test("--tensors lists each tensor", async () => {
  const { stdout } = await apr(["inspect", modelFile(writeGguf(MODEL)), "--tensors"]);
  expect(stdout).toMatch(/\n {2}output\.weight +Q6_K +\[256, 2\] +420 B +at \d+\n/);
});

test("a folder of sharded safetensors is one model", async () => {
  const folder = tempDir();
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  for (const [index, shard] of shards.entries()) {
    const bytes = writeSafetensors([{ name: `t${index}`, dtype: "BF16", shape: [2, 2], sizeBytes: 8 }]);
    writeFileSync(join(folder, shard), bytes);
  }
  const map = { t0: shards[0], t1: shards[1] };
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ model_type: "qwen2", vocab_size: 7 }));
  const { code, json } = await apr(["inspect", folder, "--json"]);
  expect(code).toBe(0);
  expect(json()).toMatchObject({
    format: "safetensors",
    architecture: "qwen2",
    vocabulary_size: 7,
    parameters: 8,
    weight_files: shards,
    files: [
      { name: "config.json", role: "config" },
      { name: shards[0], role: "weights" },
      { name: shards[1], role: "weights" },
      { name: "model.safetensors.index.json", role: "index" },
    ],
  });
});

test("links are followed, as in a cache that links to its blobs", async () => {
  const target = modelFile(writeSafetensors([{ name: "t", dtype: "F32", shape: [1], sizeBytes: 4 }]), "blob");
  const folder = join(tempDir(), "snapshot");
  mkdirSync(folder);
  symlinkSync(target, join(folder, "model.safetensors"));
  for (const path of [folder, join(folder, "model.safetensors")]) {
    expect((await apr(["inspect", path, "--json"])).json()).toMatchObject({ tensor_count: 1 });
  }
});

test("what cannot be trusted is refused with exit 4, the code and the place", async () => {
  const path = modelFile(writeGguf(MODEL).subarray(0, -1));
  const { code, stderr, json } = await apr(["inspect", path, "--json"]);
  expect(code).toBe(4);
  expect(stderr).toContain("tensor token_embd.weight: it runs 1 bytes past the end of the file");
  expect(json()).toMatchObject({
    error: { kind: "malformed", exit_code: 4, code: "past-end", tensor: "token_embd.weight", path },
  });
});

test("a refusal cannot drive the terminal", async () => {
  const path = modelFile(
    writeGguf({ tensors: [{ name: "\u001b[2J\u202e", type: 99, shape: [], sizeBytes: 0 }] }),
  );
  const { code, stderr } = await apr(["inspect", path]);
  expect(code).toBe(4);
  expect(stderr).toContain("\\x1b[2J\\u202e");
  expect(stderr).not.toContain("\u001b");
});

test("nothing there is exit 3, a dangling link too", async () => {
  const folder = tempDir();
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  for (const path of [join(folder, "absent"), join(folder, "link"), join(folder, "absent", "below")]) {
    expect((await apr(["inspect", path, "--json"])).code).toBe(3);
  }
});

test("a FIFO and a device are refused, and nothing waits for them", async () => {
  const fifo = join(tempDir(), "fifo");
  execFileSync("mkfifo", [fifo]);
  for (const path of [fifo, "/dev/zero"]) {
    const { code, signal } = await apr(["inspect", path], { timeoutMs: 20_000 });
    expect({ path, code, signal }).toEqual({ path, code: 4, signal: null });
  }
});

test("a tag leads to its blob, and a file of that name comes first", async () => {
  const { folder, store, model, run } = bench();
  await run("import", model, "--as", "hf.co/owner/name:q4");
  await run("import", model, "--as", "plain");
  const blob = `${realpathSync(store)}/blobs/sha256-${HEX}`;
  expect(await run("inspect", "plain", "--blob-path")).toMatchObject({
    code: 0,
    stdout: `${blob}\n`,
    stderr: "",
  });
  const full = "hf.co/owner/name:q4";
  expect((await run("inspect", full, "--blob-path", "--json")).json()).toEqual({
    tag: full,
    blob_paths: [blob],
  });
  expect((await run("inspect", full, "--json")).json()).toMatchObject({
    path: blob,
    tag: full,
    blob_paths: [blob],
    format: "gguf",
  });
  expect((await run("inspect", "plain")).stdout).toMatch(/^plain:latest {3}llama/);
  writeFileSync(join(folder, "plain"), writeGguf(MODEL));
  expect((await run("inspect", "plain", "--json")).json()).toMatchObject({ path: "plain", parameters: 2560 });
  expect((await run("inspect", "plain", "--blob-path", "--json")).code).toBe(2);
  for (const missing of ["nosuch", "./plain2", "a/b/nosuch:1", "x/y.gguf"]) {
    const { code, json } = await run("inspect", missing, "--json");
    expect({ missing, code, document: json() }).toMatchObject({
      code: 3,
      document: { error: { kind: "not-found" } },
    });
  }
  rmSync(blob, { force: true });
  expect((await run("inspect", full, "--blob-path", "--json")).json()).toMatchObject({
    error: { code: "blob-missing", exit_code: 3 },
  });
});

test("a tag of several shards is inspected by its files' names", async () => {
  const { folder, run } = bench();
  const names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  mkdirSync(join(folder, "m"));
  const map: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    map[`t${index}`] = name;
    const bytes = writeSafetensors([{ name: `t${index}`, dtype: "F32", shape: [4], sizeBytes: 16 }]);
    writeFileSync(join(folder, "m", name), bytes);
  }
  writeFileSync(join(folder, "m", "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  expect((await run("import", "m", "--as", "two")).code).toBe(0);
  const document = (await run("inspect", "two", "--json", "--tensors")).json();
  expect(document).toMatchObject({ weight_files: names, tensors: [{ name: "t0" }, { name: "t1" }] });
  expect((await run("inspect", "two", "--blob-path")).stdout.trimEnd().split("\n")).toHaveLength(3);
});

test("as many tensors as are allowed, in two files: at most 200 MiB of memory", async (context) => {
  needs(context, "time");
  const folder = tempDir();
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const map: Record<string, string> = {};
  for (const [shard, file] of shards.entries()) {
    const tensors = Array.from({ length: MAX_TENSORS / 2 }, (_, index) => {
      const name = `model.layers.${shard}.experts.${index}.weight`.padEnd(60, "x");
      map[name] = file;
      return { name, dtype: "BF16", shape: [1, 1], sizeBytes: 2 };
    });
    writeFileSync(join(folder, file), writeSafetensors(tensors));
  }
  const index = join(folder, "model.safetensors.index.json");
  writeFileSync(index, JSON.stringify({ weight_map: map }));
  const report = join(tempDir(), "peak");
  const command = ["-f", "%M", "-o", report, process.execPath, APR, "inspect", folder, "--tensors", "--json"];
  const stdout = execFileSync("time", command, { maxBuffer: 2 ** 28, encoding: "utf8" });
  expect((JSON.parse(stdout) as { tensors: unknown[] }).tensors).toHaveLength(MAX_TENSORS);
  expect(Number(readFileSync(report, "utf8"))).toBeLessThanOrEqual(200 * 1024);
  writeFileSync(index, JSON.stringify({ weight_map: { ...map, more: shards[0] } }));
  expect((await apr(["inspect", folder, "--json"])).json()).toMatchObject({
    error: { code: "too-many", exit_code: 4 },
  });
});
