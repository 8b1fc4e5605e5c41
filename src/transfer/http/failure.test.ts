import { expect, test } from "vitest";
import { AprError } from "../../base/errors.ts";
import { NetError } from "../../world/net.ts";
import { httpError, networkError, safeUrl } from "./errors.ts";
import { failureOf } from "./failure.ts";
import { httpDateMs, MAX_RETRY_AFTER_MS, retryAfterMs } from "./retry-after.ts";

const clock = { wallMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) };

test.each([
  ["0", 0],
  ["120", 120_000],
  ["9999999999", MAX_RETRY_AFTER_MS],
  ["Fri, 02 Jan 2026 03:05:05 GMT", 60_000],
  ["Fri, 02 Jan 2026 03:00:00 GMT", 0],
  ["Fri, 02 Jan 2099 03:00:00 GMT", MAX_RETRY_AFTER_MS],
  ["-1", null],
  ["1.5", null],
  ["soon", null],
  ["Fri, 02 Foo 2026 03:00:00 GMT", null],
  ["2026-01-02T03:05:05Z", null],
  [undefined, null],
])("Retry-After %s is %s ms", (value, ms) => {
  expect(retryAfterMs(value, clock)).toBe(ms);
});

test("the date of the RFC", () => {
  expect(httpDateMs("Sun, 06 Nov 1994 08:49:37 GMT")).toBe(784_111_777_000);
});

test.each([
  [408, "status", "soon"],
  [425, "status", "soon"],
  [429, "status", "soon"],
  [500, "status", "soon"],
  [502, "status", "soon"],
  [503, "status", "soon"],
  [504, "status", "soon"],
  [401, "auth", "never"],
  [403, "auth", "never"],
  [404, "not-found", "never"],
  [410, "not-found", "never"],
  [400, "status", "never"],
  [501, "status", "never"],
])("status %i is %s, asked again %s", (status, code, retry) => {
  const failure = failureOf({ status, headers: { "retry-after": "2" } }, clock);
  expect(failure).toMatchObject({ kind: "failed", code, retry, why: `answered ${status}` });
  expect(failure.afterMs).toBe(retry === "soon" ? 2000 : null);
});

test("errors of the network say whether to ask again; a full disk is nobody's fault", () => {
  expect(failureOf(new NetError("cut", "h:1", "h:1 closed"), clock)).toMatchObject({
    code: "cut",
    retry: "soon",
  });
  expect(failureOf(new NetError("tls", "h:1", "bad"), clock)).toMatchObject({ code: "tls", retry: "never" });
  const url = new URL("https://user:secret@h.test:8443/a/b?token=secret#secret");
  expect(failureOf(httpError("redirect-loop", url, "x"), clock)).toMatchObject({
    code: "redirect-loop",
    retry: "never",
  });
  expect(failureOf(new AprError("malformed", "x"), clock)).toMatchObject({
    code: "malformed",
    retry: "never",
  });
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  expect(() => failureOf(full, clock)).toThrow(full);
  expect(() => failureOf(new AprError("io", "full"), clock)).toThrow("full");
  expect(safeUrl(url)).toBe("https://h.test:8443/a/b");
});

test("a NetError becomes an AprError with its code and host", () => {
  const error = networkError(new NetError("refused", "h:1", "h:1 refused the connection"));
  expect(error).toMatchObject({
    name: "AprError",
    kind: "network",
    fields: { code: "refused", host: "h:1" },
  });
  expect((error as AprError).hint).toMatch(/server runs/);
  const own = new AprError("io", "x");
  expect(networkError(own)).toBe(own);
});
