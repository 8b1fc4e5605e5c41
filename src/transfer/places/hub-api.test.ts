import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { pathsInfo } from "@huggingface/hub";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/support/temp.ts";
import {
  COMMIT,
  type HubFiles,
  newHub,
  serveBodies,
  type TestHub,
} from "../../../test/support/transfer/hub.ts";
import type { AprError } from "../../base/errors.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { httpClient } from "../http/client.ts";
import { parseReference } from "../reference.ts";
import type { Remote } from "../remote.ts";
import { hubToken } from "./hub-token.ts";
import { hubRemote } from "./hugging-face.ts";

const world = { ...nodeStoreWorld, net: nodeNet };
const { signal } = new AbortController();
async function open(hub: TestHub, text: string, env: Readonly<Record<string, string>> = {}): Promise<Remote> {
  const reference = parseReference(text);
  if (reference.kind !== "hugging-face") throw new Error(reference.kind);
  const homeFolder = env["HOME"] ?? "/nonexistent";
  const tokens = {
    files: world.files,
    env: { HF_ENDPOINT: hub.endpoint, ...env },
    homeFolder,
    workingFolder: "/",
  };
  return hubRemote(
    {
      world,
      endpoint: tokens.env["HF_ENDPOINT"] ?? null,
      token: () => hubToken(tokens),
      client: httpClient(nodeNet),
      plainHttp: false,
    },
    reference,
  );
}

async function refusalOf(remote: Promise<Remote>): Promise<AprError> {
  try {
    await (await remote).resolve(signal);
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
    return error as AprError;
  }
  throw new Error("was not refused");
}

const MODEL: HubFiles = { "m.Q4.gguf": { content: "the weights", lfs: true } };

test("the hub's own client is told the same by this test's hub", async () => {
  const hub = await newHub(MODEL);
  const [file] = await pathsInfo({
    repo: "org/repo",
    paths: ["m.Q4.gguf"],
    revision: COMMIT,
    hubUrl: hub.endpoint,
  });
  const resolved = await (await open(hub, "hf://org/repo/m.Q4.gguf")).resolve(signal);
  if (resolved.kind !== "files") throw new Error(resolved.kind);
  expect(resolved.files[0]?.digest).toBe(`sha256:${file?.lfs?.oid}`);
  expect(resolved.files[0]?.sizeBytes).toBe(file?.lfs?.size);
});

test("the token is found where the hub's own tools keep it", async () => {
  const hub = await newHub(MODEL);
  const home = tempDir();
  mkdirSync(`${home}/.cache/huggingface`, { recursive: true });
  mkdirSync(`${home}/hf`);
  writeFileSync(`${home}/.cache/huggingface/token`, "hf_cache\n");
  writeFileSync(`${home}/real`, "hf_home");
  symlinkSync("../real", `${home}/hf/token`);
  writeFileSync(`${home}/path`, "hf_path");
  const sent = async (env: Readonly<Record<string, string>>): Promise<string> => {
    hub.log.length = 0;
    await (await open(hub, "hf://org/repo/m.Q4.gguf", { HOME: home, ...env })).resolve(signal);
    return hub.log[0]?.split(" ").slice(3).join(" ") ?? "";
  };
  expect(await sent({})).toBe("Bearer hf_cache");
  expect(await sent({ HF_HOME: "~/hf" })).toBe("Bearer hf_home");
  expect(await sent({ HF_HOME: "~/hf", HF_TOKEN_PATH: `${home}/path` })).toBe("Bearer hf_path");
  expect(await sent({ HUGGING_FACE_HUB_TOKEN: "hf_old" })).toBe("Bearer hf_old");
  expect(await sent({ HUGGING_FACE_HUB_TOKEN: "hf_old", HF_TOKEN: "hf_new" })).toBe("Bearer hf_new");
  expect(await sent({ HF_TOKEN: "hf_new", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })).toBe("-");
  expect(await sent({ HOME: "/nonexistent" })).toBe("-");
  const bad = await refusalOf(open(hub, "hf://org/repo/m.Q4.gguf", { HF_TOKEN: "hf hunter2\u001b" }));
  expect(bad).toMatchObject({ kind: "usage", fields: { code: "invalid-token" } });
});

test.each([
  ["{", "damaged JSON"],
  ["[]", "no commit"],
  ['{"sha":"../../etc/passwd"}', "no commit"],
  [`{"sha":"${COMMIT.toUpperCase()}"}`, "no commit"],
])("a hub that answers %s is refused", async (answer, why) => {
  const endpoint = await serveBodies((_, response) => void response.end(answer));
  const error = await refusalOf(open({ endpoint, log: [] }, "hf://org/repo/m.gguf"));
  expect(error).toMatchObject({ kind: "malformed", fields: { code: "bad-answer" } });
  expect(error.message).toContain(why);
});

test.each([
  '{"error":1}',
  "[1]",
  '[{"type":"file","path":"m.gguf"}]',
  '[{"type":"file","path":"m.gguf","size":-1}]',
  '[{"type":"file","path":"m.gguf","size":1,"lfs":{"oid":"12"}}]',
  '[{"type":"file","path":"m.gguf","size":1},{"type":"file","path":"../x","size":1}]',
])("files told as %s are refused", async (answer) => {
  const endpoint = await serveBodies(
    (request, response) => void response.end(request.method === "POST" ? answer : `{"sha":"${COMMIT}"}`),
  );
  expect((await refusalOf(open({ endpoint, log: [] }, "hf://org/repo/m.gguf"))).kind).toBe("malformed");
});

test.each([
  "http://hub.example",
  "https://me:hunter2@hub",
  "ftp://hub",
  "nonsense",
  "https://hub/?a=hunter2",
])("HF_ENDPOINT %s is refused", async (endpoint) => {
  expect(await refusalOf(open({ endpoint, log: [] }, "hf://org/repo/m.gguf"))).toMatchObject({
    kind: "usage",
    fields: { code: "invalid-endpoint" },
  });
});
