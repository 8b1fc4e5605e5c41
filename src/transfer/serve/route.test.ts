import { expect, test } from "vitest";
import { routeOf } from "./route.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const ID = "0123456789abcdef0123456789abcdef";

test.each([
  ["/v2/", { kind: "base" }],
  ["/v2", { kind: "base" }],
  ["/v2/_catalog?n=3", { kind: "catalog" }],
  ["/v2/qwen/tags/list", { kind: "tags", name: ["qwen"] }],
  [
    "/v2/library/qwen/manifests/0.5b",
    { kind: "manifest", name: ["library", "qwen"], reference: { tag: "0.5b" } },
  ],
  [`/v2/h/n/m/manifests/${DIGEST}`, { name: ["h", "n", "m"], reference: { kind: "digest", digest: DIGEST } }],
  [`/v2/qwen/blobs/${DIGEST}`, { kind: "blob", digest: DIGEST }],
  [`/v2/qwen/blobs/${DIGEST.replace(":", "%3A")}`, { kind: "blob", digest: DIGEST }],
  [`/v2/qwen/blobs/${DIGEST}/parts`, { kind: "parts", digest: DIGEST }],
  [`/v2/qwen/referrers/${DIGEST}`, { kind: "referrers", digest: DIGEST }],
  ["/v2/qwen/blobs/uploads/", { kind: "uploads", name: ["qwen"] }],
  ["/v2/qwen/blobs/uploads?mount=x", { kind: "uploads", name: ["qwen"] }],
  [`/v2/qwen/blobs/uploads/${ID}`, { kind: "upload", id: ID }],
  // Names that look like words of the path.
  [
    "/v2/manifests/manifests/manifests",
    { kind: "manifest", name: ["manifests"], reference: { tag: "manifests" } },
  ],
  ["/v2/blobs/tags/list", { kind: "tags", name: ["blobs"] }],
])("%s", (target, route) => {
  expect(routeOf(target)).toMatchObject({ kind: "route", route });
});

test.each([
  ["/", 404, "UNSUPPORTED"],
  ["/v1/", 404, "UNSUPPORTED"],
  ["v2/", 404, "UNSUPPORTED"],
  ["http://elsewhere/v2/", 404, "UNSUPPORTED"],
  ["/v2/qwen", 404, "UNSUPPORTED"],
  ["/v2/../manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a/../b/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/%2e%2e/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a%2fb/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a\\b/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a%00/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a\u0000/manifests/latest", 400, "NAME_INVALID"],
  ["/v2//manifests/latest", 400, "NAME_INVALID"],
  ["/v2/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/host:5000/a/b/manifests/latest", 400, "NAME_INVALID"],
  ["/v2/a/b/c/d/manifests/latest", 400, "NAME_INVALID"],
  [`/v2/${"a".repeat(81)}/manifests/latest`, 400, "NAME_INVALID"],
  [`/v2/${"a/".repeat(2500)}manifests/latest`, 414, "NAME_INVALID"],
  ["/v2/a/manifests/..", 404, "MANIFEST_UNKNOWN"],
  ["/v2/a/manifests/", 404, "MANIFEST_UNKNOWN"],
  ["/v2/a/manifests/sha256:abc", 400, "DIGEST_INVALID"],
  ["/v2/a/blobs/sha256:../../etc/passwd", 404, "UNSUPPORTED"],
  ["/v2/a/blobs/..", 400, "DIGEST_INVALID"],
  [`/v2/a/blobs/${DIGEST.toUpperCase()}`, 400, "DIGEST_INVALID"],
  ["/v2/a/blobs/uploads/../../x", 404, "UNSUPPORTED"],
  ["/v2/a/blobs/uploads/..", 404, "BLOB_UPLOAD_UNKNOWN"],
])("%s is refused", (target, status, code) => {
  expect(routeOf(target)).toMatchObject({ kind: "bad", status, code });
});
