import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { failureOf, get, into, talk, target } from "../../../test/support/net.ts";
import { tempDir } from "../../../test/support/temp.ts";
import type { Incoming, Outgoing } from "../net.ts";
import { nodeNet } from "./net.ts";

import { CONTENT, listen, sources, text } from "../../../test/support/listen.ts";

test("tells the handler what came, and sends what it says", async () => {
  let seen: Incoming | undefined;
  const { origin } = await listen((incoming) => {
    seen = incoming;
    return Promise.resolve({ ...text(203, "hello"), headers: { "x-a": "b" } });
  });
  const answer = await nodeNet.request(get(`${origin}/a/../b?c=d`, { headers: { "x-c": "d" } }), 100);
  expect(answer).toMatchObject({ status: 203, headers: { "x-a": "b", "content-length": "5" } });
  expect(Buffer.from(answer.body).toString()).toBe("hello");
  expect(seen).toMatchObject({ method: "GET", target: "/b?c=d", from: "127.0.0.1", headers: { "x-c": "d" } });
});

test("sends a part of a file, and closes it", async () => {
  const files = sources();
  const { origin } = await listen(() =>
    Promise.resolve({ status: 206, headers: {}, body: files.body(1000, 4_500_000) }),
  );
  const to = target();
  expect(await nodeNet.download(get(origin), into(to))).toMatchObject({
    kind: "taken",
    sizeBytes: 4_500_000,
  });
  expect(to.content().equals(CONTENT.subarray(1000, 4_501_000))).toBe(true);
  expect(files.open()).toBe(0);
});

test("a HEAD gets the length alone, and the file is closed", async () => {
  const files = sources();
  const { origin, listener } = await listen((incoming) =>
    Promise.resolve<Outgoing>(
      incoming.target === "/told"
        ? { status: 200, headers: { "content-length": "77" } }
        : { status: 200, headers: {}, body: files.body(0, 1234) },
    ),
  );
  const answer = await nodeNet.request(get(origin, { method: "HEAD" }), 10);
  expect(answer).toMatchObject({ status: 200, headers: { "content-length": "1234" } });
  expect(files.open()).toBe(0);
  const told = await nodeNet.request(get(`${origin}/told`, { method: "HEAD" }), 10);
  expect(told.headers["content-length"]).toBe("77");
  const raw = await talk(listener.port, "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  expect(raw.endsWith("\r\n\r\n")).toBe(true);
});

test("a file that is shorter than promised cuts the answer", async () => {
  const files = sources();
  const { origin } = await listen(() =>
    Promise.resolve({ status: 200, headers: {}, body: files.body(0, CONTENT.length + 10) }),
  );
  const error = await failureOf(nodeNet.download(get(origin), into(target())));
  expect(error).toMatchObject({ failure: "cut" });
  expect(files.open()).toBe(0);
});

test("a handler that throws answers 500 without its words", async () => {
  const { origin } = await listen(() => Promise.reject(new Error("secret")));
  const answer = await nodeNet.request(get(origin), 1000);
  expect(answer.status).toBe(500);
  expect(Buffer.from(answer.body).toString()).toBe("internal error\n");
  // A header that cannot be sent is a cut: the server lives on.
  const { origin: bad } = await listen(() => Promise.resolve({ status: 200, headers: { "x-a": "a\nb" } }));
  expect(await failureOf(nodeNet.request(get(bad), 10))).toMatchObject({ failure: "cut" });
  expect(await failureOf(nodeNet.request(get(bad), 10))).toMatchObject({ failure: "cut" });
});

test("reads a body into memory and into a file, and bounds both", async () => {
  const to = target();
  const { origin } = await listen(async (incoming) => {
    try {
      if (incoming.target === "/save")
        return text(200, String(await incoming.saveBody(to.file, 5, 1_000_000)));
      return text(200, String((await incoming.readBody(1_000_000)).length));
    } catch (error) {
      return text(413, error instanceof Error && "failure" in error ? String(error.failure) : "?");
    }
  });
  const put = async (path: string, size: number): Promise<string> => {
    const body = { kind: "bytes", bytes: CONTENT.subarray(0, size) } as const;
    const answer = await nodeNet.request(get(origin + path, { method: "PUT", body }), 100);
    return `${answer.status} ${Buffer.from(answer.body).toString()}`;
  };
  expect(await put("/read", 1_000_000)).toBe("200 1000000");
  expect(await put("/read", 0)).toBe("200 0");
  expect(await put("/save", 999_999)).toBe("200 999999");
  expect(to.content().subarray(5).equals(CONTENT.subarray(0, 999_999))).toBe(true);
  expect(await put("/read", 1_000_001)).toBe("413 too-large");
  expect(await put("/save", 5_000_000)).toBe("413 too-large");
});

test("a chunked body is bounded, too", async () => {
  const to = target();
  const { listener } = await listen(async (incoming) => {
    await incoming.saveBody(to.file, 0, 4);
    return text(200, "");
  });
  const head = "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
  const raw = await talk(listener.port, `${head}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`);
  expect(raw).toContain("500");
  expect(to.content().toString()).toBe("abc");
});

test("curl reads a file and sends one", async (context) => {
  needs(context, "curl");
  const files = sources();
  const saved = target();
  const { origin } = await listen(async (incoming) => {
    if (incoming.method === "PUT") return text(200, String(await incoming.saveBody(saved.file, 0, 1 << 30)));
    return { status: 200, headers: {}, body: files.body(0, CONTENT.length) };
  });
  const path = join(tempDir(), "got");
  const run = promisify(execFile);
  await run("curl", ["-sf", "--noproxy", "*", "-o", path, origin]);
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  const put = await run("curl", ["-sf", "--noproxy", "*", "-T", path, `${origin}/x`]);
  expect(put.stdout).toBe(String(CONTENT.length));
  expect(saved.content().equals(CONTENT)).toBe(true);
});
