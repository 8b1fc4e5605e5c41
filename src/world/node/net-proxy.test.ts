import { expect, test } from "vitest";
import { NetError } from "../net.ts";
import { proxyFor } from "./net-proxy.ts";

const PROXY = "http://proxy.example:3128";

function chosen(url: string, env: Readonly<Record<string, string>>): string | null {
  return proxyFor(new URL(url), env)?.origin ?? null;
}

test.each([
  ["http://a.example/", { http_proxy: PROXY }, PROXY],
  ["http://a.example/", { HTTP_PROXY: PROXY }, PROXY],
  ["http://a.example/", { HTTP_PROXY: "http://other.example", http_proxy: PROXY }, PROXY],
  ["http://a.example/", { HTTPS_PROXY: PROXY }, null],
  ["https://a.example/", { HTTPS_PROXY: PROXY }, PROXY],
  ["https://a.example/", { HTTP_PROXY: PROXY }, null],
  ["http://a.example/", { http_proxy: "proxy.example:3128" }, PROXY],
  ["http://a.example/", { http_proxy: "https://proxy.example" }, "https://proxy.example"],
  ["http://a.example/", { http_proxy: "" }, null],
  ["http://localhost:5000/", { http_proxy: PROXY }, null],
  ["http://127.3.2.1/", { http_proxy: PROXY }, null],
  ["https://[::1]:5000/", { https_proxy: PROXY }, null],
])("%s with %o goes through %s", (url, env, expected) => {
  expect(chosen(url, env)).toBe(expected);
});

test.each([
  ["http://a.example/", "a.example", true],
  ["http://b.a.example/", "a.example", true],
  ["http://b.a.example/", ".a.example", true],
  ["http://b.a.example/", "*.a.example", true],
  ["http://ba.example/", "a.example", false],
  ["http://a.example/", "x, A.EXAMPLE", true],
  ["http://a.example/", "*", true],
  ["http://a.example/", "a.example:80", true],
  ["http://a.example:81/", "a.example:80", false],
  ["https://a.example/", "a.example:443", true],
  ["http://10.1.2.3/", "10.0.0.0/8", true],
  ["http://11.1.2.3/", "10.0.0.0/8", false],
  ["http://10.1.2.3/", "10.0.0.0/99", false],
  ["http://10.1.2.3/", "10.1.2.3", true],
  ["http://[fd00::1]/", "fd00::/8", true],
  ["http://[fd00::1]/", "fd00::1", true],
  ["http://[fd00::1]:8080/", "[fd00::1]:8080", true],
  ["http://[fd00::1]:8081/", "[fd00::1]:8080", false],
  ["http://a.example/", "", false],
])("%s is exempt by NO_PROXY=%s: %s", (url, list, exempt) => {
  expect(chosen(url, { http_proxy: PROXY, https_proxy: PROXY, NO_PROXY: list })).toBe(exempt ? null : PROXY);
});

test("credentials stand apart from the address", () => {
  const proxy = proxyFor(new URL("http://a.example"), {
    http_proxy: "http://us%65r:p%40ss@proxy.example:3128",
  });
  expect(proxy).toEqual({
    origin: PROXY,
    host: "proxy.example:3128",
    authorization: `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
  });
});

test.each(["socks5://user:secret@proxy.example", "http://", "::secret::"])("%s is no proxy", (value) => {
  const ask = (): unknown => proxyFor(new URL("http://a.example"), { http_proxy: value });
  expect(ask).toThrow(NetError);
  expect(ask).toThrow(/^(?!.*secret)/);
});
