import { expect, test } from "vitest";
import type { Net, Downloaded, NetHead } from "../../world/net.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeNet } from "../../world/node/net.ts";
import { type Got, httpScript, type Reply } from "../../../test/support/http-script.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { fixedAuthorizer } from "./authorizers.ts";
import { httpClient } from "./client.ts";
import type { Authorizer, HttpRequest } from "./types.ts";

const client = httpClient(nodeNet, { userAgent: "apr-test/1" });
const SECRET = "Bearer c2VjcmV0";

function ask(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "GET",
    url: new URL(url),
    signal: new AbortController().signal,
    maxBodyBytes: 1000,
    ...more,
  };
}

const to = (location: string, status = 302): Reply => ({ status, headers: { location } });
const ok: Reply = { status: 200, body: "fine" };

test("follows ten redirects and no more", async () => {
  const server = await httpScript(({ target }) => {
    const left = Number(target.slice(1));
    return left === 0 ? ok : to(`/${left - 1}`, [301, 302, 303, 307, 308][left % 5]);
  });
  let landed = "";
  const answer = await client.request(
    ask(`${server.url}/10`, { landed: (url) => (landed = url.pathname) }),
    null,
  );
  expect(new TextDecoder().decode(answer.body)).toBe("fine");
  expect(landed).toBe("/0");
  expect(server.requests[0]?.headers["user-agent"]).toBe("apr-test/1");
  await expect(client.request(ask(`${server.url}/11`), null)).rejects.toMatchObject({
    kind: "network",
    fields: { code: "too-many-redirects" },
  });
});

test("a loop ends at once, and names no query", async () => {
  const server = await httpScript(({ target }) =>
    to(target.startsWith("/a") ? "/b?token=hush" : "/a?token=hush"),
  );
  const asked = client.request(ask(`${server.url}/a?token=hush`), null);
  await expect(asked).rejects.toMatchObject({ fields: { code: "redirect-loop", host: server.host } });
  await expect(asked).rejects.not.toThrow(/hush/);
  expect(server.requests).toHaveLength(2);
});

test("credentials reach their own host and no other, there and back", async () => {
  let home = "";
  const other = await httpScript(({ target }) => (target === "/back" ? to(`${home}/end`) : ok));
  const own = await httpScript(({ target }) => {
    if (target === "/start") return to("/hop");
    return target === "/hop" ? to(`${other.url}/back`, 307) : ok;
  });
  home = own.url;
  await client.request(ask(`${own.url}/start`), fixedAuthorizer(new URL(own.url), SECRET));
  expect(own.requests.map(({ headers }) => headers["authorization"])).toEqual([SECRET, SECRET, SECRET]);
  expect(other.requests).toHaveLength(1);
  expect(JSON.stringify(other.requests)).not.toContain("c2VjcmV0");
});

test("a user and password in a URL or Location are sent to nobody", async () => {
  const other = await httpScript(() => ok);
  const own = await httpScript(() => to(`http://user:hush@${other.host}/x`));
  const url = own.url.replace("://", "://user:hush@");
  await client.request(ask(url), null);
  expect(JSON.stringify([...own.requests, ...other.requests])).not.toMatch(/hush|authorization/);
});

test("https is never left for http", async () => {
  const server = await httpScript(({ target }) => (target === "/s" ? to(`http://${server.host}/plain`) : ok));
  // The wire is plain here; what counts is the scheme that was asked for.
  const plain = (url: string): string => url.replace("https://secure.test", server.url);
  const net: Pick<Net, "request" | "download"> = {
    request: (request, max) => nodeNet.request({ ...request, url: plain(request.url) }, max),
    download: (request, sink) => nodeNet.download({ ...request, url: plain(request.url) }, sink),
  };
  const asked = httpClient(net).request(ask("https://secure.test/s"), null);
  await expect(asked).rejects.toMatchObject({ fields: { code: "insecure-redirect", host: "secure.test" } });
  expect(server.requests.map(({ target }) => target)).toEqual(["/s"]);
});

test("a body goes along with 307 and 308, from memory and from a file, and not with 303", async () => {
  const server = await httpScript(({ target }) => {
    if (target === "/307") return to("/end", 307);
    if (target === "/308") return to("/end", 308);
    return target === "/303" ? to("/end", 303) : ok;
  });
  const path = `${tempDir()}/body`;
  await nodeFiles.write(path, "0123456789");
  const file = await nodeFiles.openRead(path);
  const bytes = { kind: "bytes", bytes: new TextEncoder().encode("hello") } as const;
  const part = { kind: "file", file, offsetBytes: 2, sizeBytes: 4 } as const;
  await client.request(ask(`${server.url}/307`, { method: "POST", body: bytes }), null);
  await client.request(ask(`${server.url}/308`, { method: "PUT", body: part }), null);
  await client.request(ask(`${server.url}/303`, { method: "POST", body: bytes }), null);
  await file.close();
  const seen = server.requests.map(({ method, target, body }) => `${method} ${target} ${body}`);
  expect(seen).toEqual([
    ...["POST /307 hello", "POST /end hello", "PUT /308 2345", "PUT /end 2345"],
    ...["POST /303 hello", "GET /end "],
  ]);
});

test("a body that is secret is not sent on", async () => {
  const server = await httpScript(() => to("/end", 307));
  const body = { kind: "bytes", bytes: new Uint8Array(3) } as const;
  const asked = client.request(ask(`${server.url}/x`, { method: "POST", body, redirects: "refuse" }), null);
  await expect(asked).rejects.toMatchObject({ fields: { code: "bad-redirect" } });
  expect(server.requests).toHaveLength(1);
});

/** Counts challenges; has a new header after each. */
function renewing(origin: string, willing: boolean): Authorizer & { readonly met: string[] } {
  const met: string[] = [];
  return {
    met,
    header: (url) =>
      Promise.resolve(url.origin === origin && met.length > 0 ? `Bearer t${met.length}` : null),
    challenged: (_head, url) => {
      met.push(url.pathname);
      return Promise.resolve(willing);
    },
  };
}

test("one challenge a hop is met, with the same request again", async () => {
  const server = await httpScript(({ target, headers }: Got) => {
    const wanted = target === "/a" ? "Bearer t1" : "Bearer t2";
    if (headers["authorization"] !== wanted) return { status: 401, body: "x".repeat(5000) };
    return target === "/a" ? to("/b") : ok;
  });
  const auth = renewing(server.url, true);
  expect((await client.request(ask(`${server.url}/a`, { maxBodyBytes: 4 }), auth)).status).toBe(200);
  expect(auth.met).toEqual(["/a", "/b"]);
  const never = await httpScript(() => ({ status: 401 }));
  expect((await client.request(ask(never.url), renewing(never.url, true))).status).toBe(401);
  expect(never.requests).toHaveLength(2);
  expect((await client.request(ask(never.url), renewing(never.url, false))).status).toBe(401);
  expect(never.requests).toHaveLength(3);
});

test("a download shows the last head only, and writes only what is taken", async () => {
  const server = await httpScript(({ target, headers }) => {
    if (target === "/a") return { ...to("/b"), body: "moved" };
    if (headers["authorization"] === undefined) return { status: 401, body: "who?" };
    return target === "/b" ? { status: 200, body: "content" } : { status: 500, body: "broken" };
  });
  const path = `${tempDir()}/file`;
  await nodeFiles.write(path, "");
  const file = await nodeFiles.openUpdate(path);
  const heads: number[] = [];
  const take = ({ status }: NetHead): boolean => {
    heads.push(status);
    return status === 200;
  };
  const sink = { file, offsetBytes: 2, maxBytes: 7, take };
  const same = (each: Downloaded): Downloaded => each;
  const down = await client.download(ask(`${server.url}/a`), sink, renewing(server.url, true), same);
  expect(down).toMatchObject({ kind: "taken", sizeBytes: 7 });
  expect(heads).toEqual([200]);
  const refused = await client.download(ask(`${server.url}/c`), sink, renewing(server.url, true), same);
  expect(refused).toMatchObject({ kind: "refused", answer: { status: 500 } });
  await file.close();
  expect(new TextDecoder().decode(await nodeFiles.readBounded(path, 100))).toBe("\0\0content");
});

test("a good answer that is too large is refused; an error's text may be longer", async () => {
  const server = await httpScript(({ target }) => ({
    status: target === "/e" ? 500 : 200,
    body: "x".repeat(50),
  }));
  await expect(client.request(ask(`${server.url}/`, { maxBodyBytes: 49 }), null)).rejects.toMatchObject({
    name: "NetError",
    failure: "too-large",
  });
  expect((await client.request(ask(`${server.url}/e`, { maxBodyBytes: 0 }), null)).status).toBe(500);
});
