import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../../test/support/store.ts";
import { Names } from "./names.ts";

const ref = (host: string, namespace: string, name: string): object => ({
  kind: "found",
  repository: { host, namespace, name },
});
const LOCAL = ["registry.ollama.ai", "library"] as const;

test("one name of the store has a long and a short name, in lower case too", async () => {
  const { store, add } = await newStore();
  const tags = ["qwen:0.5b", "Mixed:a", "hf.co/org/model:q4", "a.example/team/x:1", "b.example/team/x:1"];
  for (const tag of [...tags, "registry.ollama.ai/user/m:1"]) await add(tag, "content");
  await add("127.0.0.1:5000/a/b:1", "content");
  const names = new Names(store);
  const find = (text: string): Promise<unknown> => names.find(text.split("/"));
  for (const text of ["qwen", "library/qwen", "registry.ollama.ai/library/qwen"]) {
    expect(await find(text)).toEqual(ref(...LOCAL, "qwen"));
  }
  expect(await find("mixed")).toEqual(ref(...LOCAL, "Mixed"));
  expect(await find("Mixed")).toEqual(ref(...LOCAL, "Mixed"));
  expect(await find("hf.co/org/model")).toEqual(ref("hf.co", "org", "model"));
  expect(await find("org/model")).toEqual(ref("hf.co", "org", "model"));
  expect(await find("user/m")).toEqual(ref("registry.ollama.ai", "user", "m"));
  expect(await find("team/x")).toEqual({ kind: "ambiguous" });
  expect(await find("b.example/team/x")).toEqual(ref("b.example", "team", "x"));
  expect(await find("127.0.0.1_5000/a/b")).toEqual(ref("127.0.0.1:5000", "a", "b"));
  expect(await find("nobody")).toEqual({ kind: "none" });
  const listed = ["127.0.0.1_5000/a/b", "a.example/team/x", "b.example/team/x", "hf.co/org/model", "mixed"];
  expect(await names.all()).toEqual([...listed, "qwen", "registry.ollama.ai/user/m"]);

  rmSync(`${store.root}/manifests/b.example`, { recursive: true });
  expect(await find("team/x")).toEqual(ref("a.example", "team", "x"));
  expect(await find("team/x")).toEqual(ref("a.example", "team", "x"));
  rmSync(`${store.root}/manifests/a.example`, { recursive: true });
  expect(await find("team/x")).toEqual({ kind: "none" });
});

test("a push goes to what is there, else to a new name", async () => {
  const { store, add } = await newStore();
  await add("hf.co/org/model:q4", "content");
  await add("a.example/team/x:1", "content");
  await add("b.example/team/x:1", "content");
  const names = new Names(store);
  const to = (text: string): Promise<unknown> => names.findOrMake(text.split("/"));
  const made = (host: string, namespace: string, name: string): object => ({ host, namespace, name });
  expect(await to("qwen")).toEqual(made(...LOCAL, "qwen"));
  expect(await to("library/qwen")).toEqual(made(...LOCAL, "qwen"));
  expect(await to("user/m")).toEqual(made("registry.ollama.ai", "user", "m"));
  expect(await to("org/model")).toEqual(made("hf.co", "org", "model"));
  expect(await to("team/x")).toBeNull();
  expect(await to("host_5000/a/b")).toEqual(made("host:5000", "a", "b"));
});
