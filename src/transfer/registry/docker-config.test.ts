import { expect, test } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { configEntry, parseDockerConfig } from "./docker-config.ts";
import { credentialFiles } from "./docker-credentials.ts";

const packed = (text: string): string => Buffer.from(text).toString("base64");
const basic = (username: string, password: string) => ({
  kind: "credentials",
  credentials: { kind: "basic", username, password },
});

test.each<[string, string, JsonObject, object]>([
  ["base64", "h.test", { auths: { "h.test": { auth: packed("u:p:w") } } }, basic("u", "p:w")],
  ["plain fields", "h.test", { auths: { "h.test": { username: "u", password: "p" } } }, basic("u", "p")],
  ["a port", "h.test:5000", { auths: { "h.test:5000": { auth: packed("u:p") } } }, basic("u", "p")],
  ["https and v1", "h.test", { auths: { "https://h.test/v1/": { auth: packed("u:p") } } }, basic("u", "p")],
  ["https and v2", "h.test", { auths: { "https://h.test/v2/": { auth: packed("u:p") } } }, basic("u", "p")],
  ["http and a slash", "h.test", { auths: { "http://H.test/": { auth: packed("u:p") } } }, basic("u", "p")],
  [
    "the hub",
    "docker.io",
    { auths: { "https://index.docker.io/v1/": { auth: packed("u:p") } } },
    basic("u", "p"),
  ],
  [
    "the hub's API",
    "registry-1.docker.io",
    { auths: { "docker.io": { auth: packed("u:p") } } },
    basic("u", "p"),
  ],
  [
    "an identity token",
    "h.test",
    { auths: { "h.test": { auth: packed("u:p"), identitytoken: "idt" } } },
    { kind: "credentials", credentials: { kind: "identity", token: "idt" } },
  ],
  [
    "a registry token",
    "h.test",
    { auths: { "h.test": { registrytoken: "rt" } } },
    { kind: "credentials", credentials: { kind: "bearer", token: "rt" } },
  ],
  [
    "a token that ends a header",
    "h.test",
    { auths: { "h.test": { registrytoken: "a\r\nb: c" } } },
    { kind: "none" },
  ],
  ["another port", "h.test:5001", { auths: { "h.test:5000": { auth: packed("u:p") } } }, { kind: "none" }],
  ["a longer host", "h.test", { auths: { "h.test.evil": { auth: packed("u:p") } } }, { kind: "none" }],
  ["another user's path", "h.test", { auths: { "h.test/team": { auth: packed("u:p") } } }, { kind: "none" }],
  ["a mark without secrets", "h.test", { auths: { "h.test": {} } }, { kind: "none" }],
  ["no colon", "h.test", { auths: { "h.test": { auth: packed("up") } } }, { kind: "none" }],
  ["no user", "h.test", { auths: { "h.test": { auth: packed(":p") } } }, { kind: "none" }],
  [
    "its own helper first",
    "h.test",
    { auths: { "h.test": { auth: packed("u:p") } }, credHelpers: { "h.test": "own" }, credsStore: "all" },
    { kind: "helper", name: "own", key: "h.test" },
  ],
  [
    "the helper for all",
    "h.test",
    { auths: { "h.test": {} }, credsStore: "all" },
    { kind: "helper", name: "all", key: "h.test" },
  ],
  [
    "the hub's helper",
    "docker.io",
    { credsStore: "all" },
    { kind: "helper", name: "all", key: "https://index.docker.io/v1/" },
  ],
  ["nonsense", "h.test", { auths: [1], credHelpers: "x", credsStore: 5 }, { kind: "none" }],
])("%s", (_name, host, config, entry) => {
  expect(configEntry(config, host)).toEqual(entry);
});

test("what is no object is refused without its text", () => {
  expect(parseDockerConfig(new TextEncoder().encode('{"auths": hush'))).toBeNull();
  expect(parseDockerConfig(new TextEncoder().encode("[]"))).toBeNull();
  expect(parseDockerConfig(new Uint8Array([0xff]))).toBeNull();
});

test("files are looked for where the tools keep them", () => {
  const env = { HOME: "/h", XDG_RUNTIME_DIR: "/r" };
  expect(credentialFiles(env, 7)).toEqual(["/h/.docker/config.json", "/r/containers/auth.json"]);
  expect(credentialFiles({ ...env, REGISTRY_AUTH_FILE: "/a.json", DOCKER_CONFIG: "/d" }, 7)).toEqual([
    "/a.json",
    "/d/config.json",
    "/r/containers/auth.json",
  ]);
  expect(credentialFiles({}, 7)).toEqual(["/run/containers/7/auth.json"]);
  expect(credentialFiles({}, -1)).toEqual([]);
});
