import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { copyStrictGates } from "../src/contracts/copy-strict.ts";
import { judgeGate } from "../src/contracts/judge.ts";
import type { Evidence } from "../src/contracts/types.ts";
import { apr } from "./support/cli.ts";
import { bench, HEX, MODEL } from "./support/store-bench.ts";

function fileBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(`${entry.parentPath}/${entry.name}`).size, 0);
}

function verdict(name: string, evidence: Evidence): string {
  const gate = copyStrictGates.find(({ id }) => id.endsWith(name));
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return judgeGate(gate, evidence, "live").verdict;
}

interface Shown {
  readonly blobs: readonly { readonly digest: string; readonly path: string }[];
}

test("crux-a-11, live: a copy of a tag copies no byte, and either tag survives the other", async () => {
  const { store, model, run } = bench();
  expect((await run("import", model, "--as", "src")).code).toBe(0);
  const before = fileBytes(store);
  expect((await run("cp", "src", "dst")).code).toBe(0);
  const after = fileBytes(store);
  expect(verdict("GROWTH", { bytes_before: before, bytes_after: after })).toBe("pass");
  const listed = ((await run("ls", "--json")).json() as { tag: string }[]).map(({ tag }) => tag);
  expect(verdict("LISTED", { listed, source: "src:latest", copy: "dst:latest" })).toBe("pass");
  const [source, copy] = [await run("show", "src", "--json"), await run("show", "dst", "--json")].map(
    (shown) => (shown.json() as Shown).blobs,
  );
  const pairs = (source ?? []).map(({ digest, path }, index) => ({
    digest,
    source_inode: statSync(path).ino,
    copy_inode: statSync(copy?.[index]?.path ?? "").ino,
  }));
  expect(verdict("INODE", { pairs })).toBe("pass");
  expect((await run("rm", "dst")).code).toBe(0);
  expect((await run("gc")).code).toBe(0);
  const path = source?.find(({ digest }) => digest === `sha256:${HEX}`)?.path ?? "";
  const readable = existsSync(path);
  const matches = createHash("sha256").update(readFileSync(path)).digest("hex") === HEX;
  expect(verdict("SOURCE-SURVIVES", { readable, digest_matches: matches })).toBe("pass");
});

test("exit codes and one JSON document for every refusal", async () => {
  const { folder, model, store, run } = bench();
  await run("import", model, "--as", "a");
  await run("cp", "a", "b");
  const empty = `${store}/manifests/registry.ollama.ai/library/empty`;
  mkdirSync(empty);
  writeFileSync(`${empty}/latest`, '{"schemaVersion":2,"config":{"digest":"","size":0},"layers":[]}');
  writeFileSync(`${folder}/junk.gguf`, "GGUF and no more");
  const table: readonly [number, string, ...string[]][] = [
    [2, "cp", "x y", "z"],
    [2, "cp", "a", "../b"],
    [3, "cp", "nosuch", "c"],
    [5, "cp", "a", "b"],
    [5, "cp", "a", "a"],
    [4, "cp", "empty", "c"],
    [3, "rm", "nosuch"],
    [3, "show", "nosuch"],
    [3, "export", "nosuch", "-o", "x"],
    [3, "import", "nosuch.gguf"],
    [4, "import", "junk.gguf"],
    [4, "import", store],
    [2, "import"],
    [5, "export", "a", "-o", "tiny.gguf"],
    [3, "export", "a", "-o", "nosuch/out"],
    [5, "import", model, "--as", "empty"],
  ];
  for (const [code, ...args] of table) {
    const result = await run(...args, "--json");
    expect({ args, code: result.code, document: result.json() }).toMatchObject({
      args,
      code,
      document: { error: { exit_code: code } },
    });
    expect(result.stderr).toContain("apr: ");
  }
  expect((await run("rm", "empty")).code).toBe(0);
});

test("an import is whole: Ollama's fields, the digest, and nothing unfinished", async () => {
  const { store, model, run } = bench();
  const done = (await run("import", model, "--json")).json();
  expect(done).toMatchObject({ imported: [{ tag: "tiny:latest", created: true }] });
  expect((await run("import", model, "--json")).json()).toMatchObject({ imported: [{ created: false }] });
  const shown = (await run("show", "tiny", "--json")).json() as Shown & { manifest: unknown };
  expect(shown).toMatchObject({
    format: "gguf",
    architecture: "llama",
    quantization: "F32",
    manifest: {
      schemaVersion: 2,
      layers: [{ mediaType: "application/vnd.ollama.image.model", digest: `sha256:${HEX}` }],
    },
  });
  const config = JSON.parse(readFileSync(shown.blobs[0]?.path ?? "", "utf8")) as object;
  expect(config).toMatchObject({
    model_format: "gguf",
    model_family: "llama",
    model_type: "16K",
    file_type: "F32",
  });
  expect(readdirSync(`${store}/ingest`)).toEqual([]);
  expect(statSync(`${store}/blobs/sha256-${HEX}`).mode & 0o222).toBe(0);
});

test("stdin, hard links and folders", async () => {
  const { folder, store, model, run } = bench();
  const piped = await apr(["import", "-", "--as", "piped"], { env: { APR_MODELS: store }, input: MODEL });
  expect(piped.code).toBe(0);
  await run("rm", "piped");
  await run("gc");
  expect((await run("import", model, "--link", "--json")).json()).toMatchObject({
    imported: [{ how: [expect.stringMatching(/link/)] }],
  });
  mkdirSync(`${folder}/hf/sub`, { recursive: true });
  writeFileSync(`${folder}/hf/model.safetensors`, safetensors());
  writeFileSync(`${folder}/hf/config.json`, '{"model_type":"llama"}');
  symlinkSync("../tokens", `${folder}/hf/tokenizer.model`);
  writeFileSync(`${folder}/tokens`, "tokens");
  writeFileSync(`${folder}/hf/.hidden`, "no");
  const imported = await run("import", `${folder}/hf`, "--as", "folder");
  expect(imported).toMatchObject({ code: 0, stderr: "" });
  expect((await run("export", "folder", "-o", "out")).code).toBe(0);
  expect(readdirSync(`${folder}/out`).sort()).toEqual([
    "config.json",
    "model.safetensors",
    "tokenizer.model",
  ]);
  expect((await run("export", "folder", "-o", "oci", "--format", "oci")).code).toBe(0);
  expect(readdirSync(`${folder}/oci`).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
  expect((await run("export", "tiny", "-o", "other", "--format", "ollama")).code).toBe(0);
  const other = await apr(["verify", "--json"], { env: { APR_MODELS: `${folder}/other` } });
  expect(other.json()).toMatchObject({ blobs: 2, problems: [] });
});

test("exec runs a program on the blob, with the program's own exit code", async () => {
  const { model, run } = bench();
  await run("import", model, "--as", "m");
  const hashed = await run("exec", "m", "--", "sha256sum", "{model}");
  expect(hashed).toMatchObject({ code: 0, stdout: expect.stringContaining(HEX) as string });
  expect((await run("exec", "m", "--", "sh", "-c", "exit 42", "{model}")).code).toBe(42);
  expect((await run("exec", "m", "--", "nosuchprogram", "{model}")).code).toBe(127);
  expect((await run("exec", "m", "--", model, "{model}")).code).toBe(126);
  expect((await run("exec", "nosuch", "--", "cat", "{model}")).code).toBe(125);
  expect((await run("exec", "m", "--", "cat")).code).toBe(125);
});

test("du tells what tags share and save", async () => {
  const { model, run } = bench();
  await run("import", model, "--as", "a");
  await run("cp", "a", "b");
  const use = (await run("du", "--json")).json() as { shared_bytes: number; saved_bytes: number };
  expect(use.saved_bytes).toBe(use.shared_bytes);
  expect(use.saved_bytes).toBeGreaterThanOrEqual(MODEL.length);
});

function safetensors(): Buffer {
  const header = Buffer.from(JSON.stringify({ w: { dtype: "F32", shape: [4], data_offsets: [0, 16] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(16, 1)]);
}
