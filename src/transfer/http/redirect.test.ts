import { expect, test } from "vitest";
import type { NetMethod } from "../../world/net.ts";
import { Chain, type Hop, nextHop } from "./redirect.ts";

const body = { kind: "bytes", bytes: new Uint8Array(1) } as const;

function hop(method: NetMethod, url = "https://a.test/x"): Hop {
  return { url: new URL(url), method, body: method === "GET" || method === "HEAD" ? undefined : body };
}

test.each<[number, NetMethod, NetMethod, boolean]>([
  [301, "GET", "GET", false],
  [302, "HEAD", "HEAD", false],
  [301, "POST", "GET", false],
  [302, "POST", "GET", false],
  [302, "PUT", "PUT", true],
  [303, "PUT", "GET", false],
  [303, "HEAD", "HEAD", false],
  [307, "POST", "POST", true],
  [307, "PATCH", "PATCH", true],
  [308, "PUT", "PUT", true],
])("%i to a %s asks with %s", (status, method, next, withBody) => {
  const followed = nextHop(hop(method), { status, headers: { location: "/y" } });
  expect(followed).toMatchObject({ method: next, url: { href: "https://a.test/y" } });
  expect(followed.body !== undefined).toBe(withBody);
});

test.each([
  ["http://a.test/y", "insecure-redirect"],
  ["http://127.0.0.1/y", "insecure-redirect"],
  ["", "bad-redirect"],
  ["ftp://a.test/y", "bad-redirect"],
  ["file:///etc/passwd", "bad-redirect"],
  ["https://", "bad-redirect"],
  [`https://a.test/${"y".repeat(20_000)}`, "bad-redirect"],
])("Location %s is refused: %s", (location, code) => {
  const act = (): Hop => nextHop(hop("GET"), { status: 302, headers: { location } });
  expect(act).toThrow(
    expect.objectContaining({ kind: "network", fields: expect.objectContaining({ code }) as object }),
  );
});

test("no Location is refused; a user in it is dropped", () => {
  expect(() => nextHop(hop("GET"), { status: 302, headers: {} })).toThrow(/nowhere/);
  const { url } = nextHop(hop("GET"), { status: 302, headers: { location: "https://u:p@b.test/y?q#f" } });
  expect(url.href).toBe("https://b.test/y?q");
});

test("a loop is named without its query", () => {
  const chain = new Chain();
  for (const path of ["a?secret", "b?secret"]) chain.add(hop("GET", `https://h.test/${path}`));
  expect(() => chain.add(hop("GET", "https://h.test/a?secret"))).toThrow(
    "redirect loop: https://h.test/a → https://h.test/b → https://h.test/a",
  );
  chain.add(hop("HEAD", "https://h.test/a?secret"));
});
