import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { formatRef } from "../store/ref.ts";
import { nodeNet } from "../world/node/net.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { httpClient } from "./http/client.ts";
import { NO_LOGINS } from "./logins.ts";
import { openRemote, referenceText, type RemoteDeps } from "./open-remote.ts";
import { parseReference } from "./reference.ts";

function depsIn(workingFolder: string): RemoteDeps {
  return {
    world: { ...nodeStoreWorld, net: nodeNet },
    client: httpClient(nodeNet),
    logins: NO_LOGINS,
    hubEndpoint: null,
    workingFolder,
  };
}

test.each([
  ["hf://org/repo/m.gguf", "huggingface.co/org/repo", "huggingface.co/org/repo:m"],
  ["hf://org/repo@v1/m.gguf", "huggingface.co/org/repo@v1", "huggingface.co/org/repo:m"],
  ["https://host/m.gguf?key=hunter2", "https://host/m.gguf", "m:latest"],
  ["ghcr.io/me/qwen:1", "ghcr.io/me/qwen", "ghcr.io/me/qwen:1"],
  ["ghcr.io/a/b/c:1", "ghcr.io/a/b/c", null],
  ["qwen:0.5b", "registry.ollama.ai/library/qwen", "qwen:0.5b"],
])("%s is opened without a word to anybody", async (text, name, tag) => {
  const remote = await openRemote(depsIn("/"), text);
  expect(remote.name).toBe(name);
  expect(remote.tag === null ? null : formatRef(remote.tag)).toBe(tag);
});

test("a local path is opened where it is, and named so that any folder can open it again", async () => {
  const folder = tempDir();
  writeFileSync(`${folder}/m.gguf`, "x");
  const remote = await openRemote(depsIn(folder), "./m.gguf");
  expect(remote.name).toBe(`${folder}/m.gguf`);
  await expect(openRemote(depsIn(folder), "./other.gguf")).rejects.toMatchObject({ kind: "not-found" });
  await expect(openRemote(depsIn(folder), "a//b")).rejects.toMatchObject({ kind: "usage" });
});

test.each([
  ["./m.gguf", "/here/m.gguf"],
  ["/x/../m.gguf", "/m.gguf"],
  ["oci:../x:1", "oci:/x:1"],
  ["store:./x:qwen:0.5b", "store:/here/x:qwen:0.5b"],
  ["store:./x", "store:/here/x"],
  ["qwen", "qwen:latest"],
  ["https://host/m.gguf?key=hunter2", "https://host/m.gguf?…"],
])("%s is kept as %s", (text, kept) => {
  expect(referenceText(parseReference(text), "/here")).toBe(kept);
});
