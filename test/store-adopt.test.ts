import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { bench, HEX, MODEL } from "./support/store-bench.ts";

test("an Ollama store is adopted without a second copy", async () => {
  const { folder, model, store, run } = bench();
  const ollama = `${folder}/ollama`;
  await apr(["import", model, "--as", "hf.co/owner/name:q4"], { env: { APR_MODELS: ollama } });
  await apr(["import", model, "--as", "local"], { env: { APR_MODELS: ollama } });
  const done = await run("import", "--adopt", `ollama=${ollama}`, "--json");
  expect(done.json()).toMatchObject({
    adopted: expect.arrayContaining(["local:latest", "hf.co/owner/name:q4"]) as object,
    skipped: [],
  });
  expect(statSync(`${store}/blobs/sha256-${HEX}`).ino).toBe(statSync(`${ollama}/blobs/sha256-${HEX}`).ino);
  expect((await run("import", "--adopt", `ollama=${ollama}`, "--json")).json()).toMatchObject({
    adopted: [],
    known: [{}, {}].map(() => expect.any(String) as string),
  });
  expect((await run("verify", "--json")).json()).toMatchObject({ problems: [] });
});

test("a Hugging Face cache is adopted through its links", async () => {
  const { folder, store, run } = bench();
  const repository = `${folder}/hub/models--owner--name`;
  const revision = "0123456789abcdef0123456789abcdef01234567";
  for (const path of ["blobs", "refs", `snapshots/${revision}`])
    mkdirSync(`${repository}/${path}`, { recursive: true });
  writeFileSync(`${repository}/blobs/${HEX}`, MODEL);
  writeFileSync(`${repository}/refs/main`, revision);
  symlinkSync(`../../blobs/${HEX}`, `${repository}/snapshots/${revision}/tiny-q4.gguf`);
  const done = await run("import", "--adopt", `hf=${folder}/hub`, "--json");
  expect(done.json()).toMatchObject({ adopted: ["huggingface.co/owner/name:tiny-q4"], skipped: [] });
  expect(statSync(`${store}/blobs/sha256-${HEX}`).ino).toBe(statSync(`${repository}/blobs/${HEX}`).ino);
});

test("newer Ollama's links to manifest blobs are listed, verified and counted by gc", async () => {
  const { store, model, run } = bench();
  await run("import", model, "--as", "new");
  const classic = `${store}/manifests/registry.ollama.ai/library/new/latest`;
  const bytes = readFileSync(classic);
  const list = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.ollama.manifest.list.v2+json",
    manifests: [
      { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: sha(bytes), size: bytes.length },
    ],
  });
  for (const content of [bytes, Buffer.from(list)]) {
    writeFileSync(`${store}/blobs/${sha(content).replace(":", "-")}`, content);
  }
  mkdirSync(`${store}/manifests-v2/registry.ollama.ai/library/listed`, { recursive: true });
  const link = `${store}/manifests-v2/registry.ollama.ai/library/listed/latest`;
  symlinkSync(`../../../../blobs/${sha(Buffer.from(list)).replace(":", "-")}`, link);
  await run("rm", "new");
  expect((await run("gc", "--json")).json()).toMatchObject({ freed_bytes: 0 });
  expect((await run("ls", "--json")).json()).toMatchObject([{ tag: "listed:latest", format: "gguf" }]);
  expect((await run("cp", "listed", "classic")).code).toBe(0);
  expect((await run("rm", "listed")).code).toBe(0);
  await run("gc");
  expect((await run("verify", "--json")).json()).toMatchObject({ blobs: 2, problems: [] });
});

function sha(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

test("a model that cannot be adopted whole leaves nothing behind, and keeps no other out", async () => {
  const { folder, model, store, run } = bench();
  const ollama = `${folder}/ollama`;
  for (const tag of ["a-bad", "good"]) {
    writeFileSync(model, Buffer.concat([MODEL, Buffer.from(tag)]));
    await apr(["import", model, "--as", tag], { env: { APR_MODELS: ollama } });
  }
  const manifest = `${ollama}/manifests/registry.ollama.ai/library/a-bad/latest`;
  const { layers } = JSON.parse(readFileSync(manifest, "utf8")) as { layers: { digest: string }[] };
  // The config is there and comes first, the model itself is gone.
  rmSync(`${ollama}/blobs/${layers[0]?.digest.replace(":", "-")}`);
  const done = await run("import", "--adopt", `ollama=${ollama}`, "--json");
  expect(done.json()).toMatchObject({ adopted: ["good:latest"], skipped: [{ tag: "a-bad:latest" }] });
  expect(readdirSync(`${store}/blobs`)).toHaveLength(2);
  expect((await run("gc", "--json")).json()).toMatchObject({ blobs: [] });
});

test("a cached model that is refused does not take the new store away from the next", async () => {
  const { folder, run } = bench();
  const revision = "0123456789abcdef0123456789abcdef01234567";
  for (const [name, content] of [
    ["a-bad", Buffer.from("GGUF and no more")],
    ["good", MODEL],
  ] as const) {
    const repository = `${folder}/hub/models--owner--${name}`;
    for (const path of ["refs", `snapshots/${revision}`])
      mkdirSync(`${repository}/${path}`, { recursive: true });
    writeFileSync(`${repository}/refs/main`, revision);
    writeFileSync(`${repository}/snapshots/${revision}/m.gguf`, content);
  }
  const done = (await run("import", "--adopt", `hf=${folder}/hub`, "--json")).json();
  expect(done).toMatchObject({ adopted: ["huggingface.co/owner/good:m"], skipped: [{}] });
});

test("nothing to adopt from leaves no new store", async () => {
  const { folder, store, run } = bench();
  expect((await run("import", "--adopt", `hf=${folder}/nosuch`)).code).toBe(3);
  expect((await run("import", "--adopt", `ollama=${folder}/nosuch`)).code).toBe(3);
  expect(existsSync(store)).toBe(false);
});
