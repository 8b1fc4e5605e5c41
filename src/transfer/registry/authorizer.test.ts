import { expect, test } from "vitest";
import { nodeHash } from "../../world/node/hash.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeRandom } from "../../world/node/random.ts";
import { nodeClock, nodeTimers } from "../../world/node/time.ts";
import { type Got, httpScript, type Reply, type ScriptedHttp } from "../../../test/support/http-script.ts";
import { httpClient } from "../http/client.ts";
import { openRegistry, type RegistryApi } from "./api.ts";
import type { Credentials } from "./credentials.ts";
import { tokenService } from "./token.ts";

const world = { clock: nodeClock, timers: nodeTimers, random: nodeRandom, hash: nodeHash };
const BASIC: Credentials = { kind: "basic", username: "u", password: "hush" };
const BASIC_HEADER = `Basic ${Buffer.from("u:hush").toString("base64")}`;

function api(host: string, credentials: Credentials, mountFrom: readonly string[] = []): RegistryApi {
  const deps = { world, client: httpClient(nodeNet), credentials: () => Promise.resolve(credentials) };
  return openRegistry(deps, { host, repository: "team/m", plainHttp: false, scope: "pull,push", mountFrom });
}

async function get(registry: RegistryApi, path = "tags/list"): Promise<number> {
  const { signal } = new AbortController();
  const request = { method: "GET", url: registry.url(path), signal, maxBodyBytes: 1000 } as const;
  return (await registry.client.request(request, registry.auth)).status;
}

/** A registry whose tokens live for `lifetimeMs`, and the service that gives them. */
async function tokenWorld(
  lifetimeMs: number,
  give: (got: Got, token: string) => Reply = (_got, token) => ({
    status: 200,
    body: JSON.stringify({ token }),
  }),
): Promise<{ readonly registry: ScriptedHttp; readonly tokens: ScriptedHttp; readonly expire: () => void }> {
  let number = 0;
  let goodUntilMs = 0;
  const tokens = await httpScript((got) => {
    number += 1;
    goodUntilMs = performance.now() + lifetimeMs;
    return give(got, `t${number}`);
  });
  const challenge = `Bearer realm="${tokens.url}/token?x=1",service="reg",scope="ignored"`;
  const registry = await httpScript(({ headers }) =>
    headers["authorization"] === `Bearer t${number}` && performance.now() < goodUntilMs
      ? { status: 200, body: "ok" }
      : { status: 401, headers: { "www-authenticate": challenge } },
  );
  return { registry, tokens, expire: () => void (goodUntilMs = 0) };
}

test("a token is fetched for the scopes, with the password at its realm only, and kept", async () => {
  const { registry, tokens } = await tokenWorld(60_000);
  const there = api(registry.host, BASIC, ["other/m"]);
  expect(await get(there)).toBe(200);
  expect(await get(there)).toBe(200);
  expect(tokens.requests).toHaveLength(1);
  const [asked] = tokens.requests;
  const query = new URL(asked?.target ?? "", tokens.url).searchParams;
  expect(query.getAll("scope")).toEqual(["repository:team/m:pull,push", "repository:other/m:pull"]);
  expect([query.get("service"), query.get("x")]).toEqual(["reg", "1"]);
  expect(asked?.headers["authorization"]).toBe(BASIC_HEADER);
  expect(registry.requests.map(({ headers }) => headers["authorization"])).toEqual([
    undefined,
    "Bearer t1",
    "Bearer t1",
  ]);
});

test("nobody's token is asked for without credentials", async () => {
  const { registry, tokens } = await tokenWorld(60_000);
  expect(await get(api(registry.host, { kind: "anonymous" }))).toBe(200);
  expect(tokens.requests[0]?.headers["authorization"]).toBeUndefined();
});

test("many requests share one token, also when it ends in their midst", async () => {
  const { registry, tokens, expire } = await tokenWorld(60_000);
  const there = api(registry.host, BASIC);
  const all = (): Promise<number[]> => Promise.all(Array.from({ length: 16 }, () => get(there)));
  expect(new Set(await all())).toEqual(new Set([200]));
  expect(tokens.requests).toHaveLength(1);
  expire();
  expect(new Set(await all())).toEqual(new Set([200]));
  expect(tokens.requests).toHaveLength(2);
});

test("tokens that live for moments are renewed before each is refused", async () => {
  const brief = (_got: Got, token: string): Reply => ({
    status: 200,
    body: JSON.stringify({ access_token: token, expires_in: 0.05 }),
  });
  const { registry, tokens } = await tokenWorld(50, brief);
  const there = api(registry.host, BASIC);
  for (let round = 0; round < 10; round++) {
    expect(await get(there)).toBe(200);
    await nodeTimers.sleep(20);
  }
  expect(tokens.requests.length).toBeGreaterThan(2);
});

test("an identity token goes in a form, by POST, and is sent on to nobody", async () => {
  const { registry, tokens } = await tokenWorld(60_000);
  expect(await get(api(registry.host, { kind: "identity", token: "idt hush" }))).toBe(200);
  const [asked] = tokens.requests;
  expect(asked?.method).toBe("POST");
  expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
    grant_type: "refresh_token",
    client_id: "apr",
    service: "reg",
    scope: "repository:team/m:pull,push",
    refresh_token: "idt hush",
  });
  const thief = await httpScript(() => ({ status: 200, body: '{"token":"x"}' }));
  const leaky = await tokenWorld(60_000, () => ({ status: 307, headers: { location: thief.url } }));
  const asking = get(api(leaky.registry.host, { kind: "identity", token: "hush" }));
  await expect(asking).rejects.toMatchObject({ fields: { code: "bad-redirect" } });
  expect(thief.requests).toHaveLength(0);
});

test.each<[string, Reply, string]>([
  ["refused", { status: 401 }, "auth"],
  ["forbidden", { status: 403 }, "auth"],
  ["not found", { status: 404 }, "status"],
  ["no JSON", { status: 200, body: "hush" }, "protocol"],
  ["no token", { status: 200, body: "{}" }, "protocol"],
  ["a token that ends the header", { status: 200, body: '{"token":"a\\r\\nb"}' }, "protocol"],
  ["too long a token", { status: 200, body: JSON.stringify({ token: "a".repeat(20_000) }) }, "protocol"],
  ["too long an answer", { status: 200, body: "x".repeat(70_000) }, "too-large"],
])(
  "a token service that answers with %s ends it, without secrets",
  async (_name, reply, code) => {
    const { registry } = await tokenWorld(60_000, () => reply);
    const asked = get(api(registry.host, BASIC));
    await expect(asked).rejects.toMatchObject({ kind: "network", fields: { code } });
    await expect(asked).rejects.not.toThrow(/hush/);
  },
  20_000,
);

test("basic is answered once, and only to the registry's own origin", async () => {
  const registry = await httpScript(({ headers }) =>
    headers["authorization"] === BASIC_HEADER
      ? { status: 200 }
      : { status: 401, headers: { "www-authenticate": 'Basic realm="r"' } },
  );
  const there = api(registry.host, BASIC);
  expect(await get(there)).toBe(200);
  expect(await get(there)).toBe(200);
  expect(registry.requests).toHaveLength(3);
  expect(await there.auth.header(new URL("https://other.test/"))).toBeNull();
  expect(await there.auth.header(new URL(`https://${registry.host}/`))).toBeNull();
  const wrong = api(registry.host, { ...BASIC, password: "wrong" });
  expect(await get(wrong)).toBe(401);
  expect(await get(api(registry.host, { kind: "anonymous" }))).toBe(401);
});

test("a realm is trusted only where credentials cannot be read on the way", () => {
  const trusted = (realm: string, registry: string): boolean =>
    tokenService(new Map([["realm", realm]]), new URL(registry)) !== null;
  expect(trusted("https://auth.test/token", "https://reg.test/")).toBe(true);
  expect(trusted("http://auth.test/token", "https://reg.test/")).toBe(false);
  expect(trusted("http://reg.test/token", "https://reg.test/")).toBe(false);
  expect(trusted("http://127.0.0.1:1/token", "https://reg.test/")).toBe(false);
  expect(trusted("http://127.0.0.1:1/token", "http://127.0.0.1:5000/")).toBe(true);
  expect(trusted("http://reg.test:81/token", "http://reg.test/")).toBe(true);
  expect(trusted("http://auth.test/token", "http://reg.test/")).toBe(false);
  expect(trusted("https://u:p@auth.test/token", "https://reg.test/")).toBe(false);
  expect(trusted("file:///etc/passwd", "https://reg.test/")).toBe(false);
  expect(trusted("/token", "https://reg.test/")).toBe(false);
});
