import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AprError } from "../base/errors.ts";
import { formatRef, isSafeRef } from "../store/ref.ts";
import { parseReference, type Reference, type ReferenceOptions } from "./reference.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

function tagOf(text: string): string | null {
  const { defaultTag } = parseReference(text);
  return defaultTag === null ? null : formatRef(defaultTag);
}

function errorOf(text: string, options?: ReferenceOptions): AprError {
  try {
    parseReference(text, options);
  } catch (error) {
    if (error instanceof AprError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test.each([
  ["qwen", "qwen:latest"],
  ["qwen:0.5b", "qwen:0.5b"],
  ["ollama://qwen2.5:0.5b", "qwen2.5:0.5b"],
  ["me/qwen", "registry.ollama.ai/me/qwen:latest"],
  ["registry.ollama.ai/library/qwen:0.5b", "qwen:0.5b"],
  ["registry.ollama.ai/qwen:0.5b", "qwen:0.5b"],
])("%s is Ollama's %s", (text, tag) => {
  expect(parseReference(text).kind).toBe("ollama");
  expect(tagOf(text)).toBe(tag);
});

test.each([
  ["ghcr.io/me/qwen", "ghcr.io", "me/qwen", "latest", "ghcr.io/me/qwen:latest"],
  ["localhost/qwen:1", "localhost", "qwen", "1", "localhost/library/qwen:1"],
  ["127.0.0.1:5000/a/b:c", "127.0.0.1:5000", "a/b", "c", "127.0.0.1:5000/a/b:c"],
  ["host:5000/a/b/c:d", "host:5000", "a/b/c", "d", null],
  ["GHCR.io/me/qwen:A_b", "ghcr.io", "me/qwen", "A_b", "ghcr.io/me/qwen:A_b"],
  ["ghcr.io/me/a__b-c.d:_x", "ghcr.io", "me/a__b-c.d", "_x", null],
  ["[::1]:5000/a/b:c", "[::1]:5000", "a/b", "c", null],
  [`ghcr.io/me/q@${DIGEST}`, "ghcr.io", "me/q", DIGEST, null],
  [`ghcr.io/me/q:1@${DIGEST}`, "ghcr.io", "me/q", DIGEST, "ghcr.io/me/q:1"],
])("%s is a registry's", (text, host, repository, told, tag) => {
  const reference = parseReference(text);
  if (reference.kind !== "registry") throw new Error(reference.kind);
  const { target } = reference;
  expect([reference.host, reference.repository]).toEqual([host, repository]);
  expect(target.kind === "tag" ? target.tag : target.digest).toBe(told);
  expect(tagOf(text)).toBe(tag);
});

test.each([
  ["hf://org/repo/m.Q4_K_M.gguf", "main", "m.Q4_K_M.gguf", "huggingface.co/org/repo:m.Q4_K_M"],
  ["hf://org/repo@v1/a b/m.gguf", "v1", "a b/m.gguf", "huggingface.co/org/repo:a-b-m"],
  ["hf://org/repo@refs%2Fpr%2F1/m.gguf", "refs/pr/1", "m.gguf", "huggingface.co/org/repo:m"],
  ["hf://org/repo@refs/pr/1/m.gguf", "refs/pr/1", "m.gguf", "huggingface.co/org/repo:m"],
  ["hf://o/r/m-00002-of-00003.safetensors", "main", "m-00002-of-00003.safetensors", "huggingface.co/o/r:m"],
])("%s is the hub's", (text, revision, path, tag) => {
  expect(parseReference(text)).toMatchObject({ kind: "hugging-face", revision, path, secret: false });
  expect(tagOf(text)).toBe(tag);
});

test.each([
  ["https://host/a/m.gguf", "https://host/a/m.gguf", "m.gguf", "m:latest"],
  [
    `https://host/m.gguf#sha256=${HEX.toUpperCase()}`,
    `https://host/m.gguf#sha256=${HEX}`,
    "m.gguf",
    "m:latest",
  ],
  ["https://host/my%20model.gguf", "https://host/my%20model.gguf", "my model.gguf", "my-model:latest"],
  ["https://host/a%2F..%2Fb.gguf", "https://host/a%2F..%2Fb.gguf", "a-..-b.gguf", "a-..-b:latest"],
  ["https://host/%00%1b%zz", "https://host/%00%1b%zz", "-00-1b-zz", "00-1b-zz:latest"],
  ["http://127.0.0.1:8080/m.gguf", "http://127.0.0.1:8080/m.gguf", "m.gguf", "m:latest"],
  [`http://host/m.gguf#sha256=${HEX}`, `http://host/m.gguf#sha256=${HEX}`, "m.gguf", "m:latest"],
])("%s is a URL", (text, formatted, title, tag) => {
  expect(parseReference(text)).toMatchObject({ kind: "url", formatted, title, secret: false });
  expect(tagOf(text)).toBe(tag);
});

test("a URL's query opens it and is shown nowhere", () => {
  const reference = parseReference("https://host/m.gguf?signature=hunter2");
  if (reference.kind !== "url") throw new Error(reference.kind);
  expect(reference).toMatchObject({ secret: true, formatted: "https://host/m.gguf?…" });
  expect(reference.url.search).toBe("?signature=hunter2");
  expect(errorOf(reference.formatted)).toMatchObject({ kind: "usage", fields: { code: "secret-ref" } });
});

test.each([
  ["/models/m.gguf", "path", "m:latest"],
  ["./a", "path", "a:latest"],
  ["../My Model/", "path", "My-Model:latest"],
  [".", "path", null],
  ["..", "path", null],
  ["/", "path", null],
  ["./m-00001-of-00002.gguf", "path", "m:latest"],
  ["oci:/x/qwen", "oci-layout", "qwen:latest"],
  ["oci:./qwen:0.5b", "oci-layout", "qwen:0.5b"],
  ["oci:./x:qwen:0.5b", "oci-layout", "qwen:0.5b"],
  ["oci:./x:ghcr.io/me/q:1", "oci-layout", "ghcr.io/me/q:1"],
  ["store:/mnt/usb:qwen:0.5b", "store", "qwen:0.5b"],
  ["store:/mnt/usb:hf.co/a/b:c", "store", "hf.co/a/b:c"],
  ["store:/mnt/usb", "store", null],
])("%s is on this machine", (text, kind, tag) => {
  expect(parseReference(text)).toMatchObject({ kind, formatted: text });
  expect(tagOf(text)).toBe(tag);
});

const PLAIN = `
  -a a: :a a/b/c a//b ~/m.gguf ~ ftp://host/x file:///x a@b ä m.gguf models/m.safetensors
  Host.io/Upper/Case ghcr.io/ host:99999/a host:0x/a ghcr.io/a/../b ghcr.io/a:b:c ghcr.io/a@sha256:12
  ghcr.io/-a [::1/a ..a/b hf:// hf://org hf://org/repo hf://org/repo/ hf://org/repo/../x
  hf://org/repo/a//b hf://org/repo@/m.gguf hf://org/repo@../m.gguf hf://org/repo@a%2F..%2Fb/m.gguf
  hf://../repo/m hf://org/repo/./m.gguf hf://datasets/org/repo/m.gguf
  hf://org/repo/model.safetensors.index.json hf://org/repo@refs/pr/m.gguf https:// https://host
  https://host/ https://host/a/ https://host/m#sha256=12 https://host/m#x https://me:hunter2@host/m.gguf
  https://me@host/m.gguf http://host/m.gguf http://127.0.0.1.evil/m oci:/x: store:/x:a/b store:/x:
  ollama://host.io/a/b ollama://
`;
const REFUSED = [
  "",
  " ",
  "a b",
  `x@${DIGEST}`,
  "./a\u001b[2J",
  "/a\0b",
  "/a\u202eb",
  "/a\ud800",
  "oci:/x:a b",
  ...PLAIN.trim().split(/\s+/),
];

test.each(REFUSED)("%j is refused", (text) => {
  const error = errorOf(text);
  expect(error).toMatchObject({ kind: "usage", fields: { code: "invalid-ref" } });
  expect(error.hint).toBeTruthy();
  expect(error.message).not.toContain("hunter2");
});

test.each([
  ["hub path", `hf://o/r/${"a/".repeat(600)}b`],
  ["file name", `hf://org/repo/${"a".repeat(256)}`],
  ["repository", `ghcr.io/${"a".repeat(250)}`],
  ["REF", `/${"a".repeat(9000)}`],
])("a %s that is too long is refused", (_, text) => {
  const error = errorOf(text);
  expect(error.fields["code"]).toBe("invalid-ref");
  expect(error.message.length).toBeLessThan(400);
});

test("plain HTTP needs a digest, this machine, or leave", () => {
  expect(errorOf("http://host/m.gguf").message).toContain("plain HTTP");
  expect(parseReference("http://host/m.gguf", { plainHttp: true }).kind).toBe("url");
  expect(parseReference("http://[::1]:1/m.gguf").kind).toBe("url");
  expect(parseReference("http://localhost/m.gguf").kind).toBe("url");
});

describe("any text", () => {
  const pieces = fc.constantFrom(
    ...[
      "hf://",
      "https://",
      "http://",
      "ollama://",
      "oci:",
      "store:",
      "/",
      "./",
      "../",
      "..",
      ":",
      "@",
      "#sha256=",
    ],
    ...[
      "?",
      "#",
      "%2F",
      "%00",
      "\u001b",
      "\u009b",
      "\u202e",

      "localhost",
      "ghcr.io",
      "qwen",
      "a",
      "é",
      HEX,
      DIGEST,
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 9 }).map((all) => all.join("")),
  );

  test("is a REF or a clear error, and no control character gets through", () => {
    const check = (text: string): void => {
      let reference: Reference;
      try {
        reference = parseReference(text);
      } catch (error) {
        if (!(error instanceof AprError)) throw error;
        expect(error.kind).toBe("usage");
        expect(error.hint).toBeTruthy();
        expect(error.message).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        return;
      }
      const { url, ...rest } = { url: null, ...reference };
      const values = JSON.stringify([rest, url?.href]);
      expect(values).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]|\\u00[01]/u);
      if (reference.defaultTag !== null) expect(isSafeRef(reference.defaultTag)).toBe(true);
      if (!reference.secret) expect(parseReference(reference.formatted)).toEqual(reference);
    };
    fc.assert(fc.property(texts, check), { numRuns: 5000 });
  });

  test("shows no user, no password and no query, whether it is a REF or not", () => {
    const places = fc.constantFrom(
      ...[
        "https://SECRET@host/m",
        "https://u:SECRET@host/m",
        "https://SECRET@ho st/m",
        "http://u:a/SECRET@h/m",
      ],
      ...["https://host/m?SECRET", "http://host/m?SECRET", "https://host?SECRET", "https://host/m?SECRET#x"],
      ...["ftp://u:SECRET@host/m", "u:SECRET@host/m", "ollama://u:SECRET@host/m", "hf://u:SECRET@x/y/z"],
      ...["https://host/m?a=%zz&b=SECRET", "https://host:99999/m?SECRET", "https://[::1/m?SECRET"],
    );
    const check = (place: string, end: string): void => {
      const text = place.replace("SECRET", "hunter2") + end;
      let seen: string;
      try {
        const { formatted, defaultTag } = parseReference(text);
        seen = JSON.stringify([formatted, defaultTag]);
      } catch (error) {
        if (!(error instanceof AprError)) throw error;
        seen = JSON.stringify([error.message, error.hint, error.fields]);
      }
      expect(seen).not.toContain("hunter2");
    };
    fc.assert(fc.property(places, fc.constantFrom("", "x", "#y", "/z", "@q", ":1", " "), check));
  });
});
