import fc from "fast-check";
import { expect, test } from "vitest";
import { writeConfig, writeManifest, readConfig } from "./config.ts";
import { digestOf } from "./digest.ts";
import { blobsOf, type Descriptor, MEDIA, namedBy, parseManifest } from "./manifest.ts";

const hex = (letter: string): string => letter.repeat(64);
const config = { mediaType: MEDIA.config, digest: digestOf(hex("a")), sizeBytes: 2, title: null };
const layer = { mediaType: MEDIA.model, digest: digestOf(hex("b")), sizeBytes: 7, title: "m.gguf" };

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

test("what apr writes it reads, and the config comes first", () => {
  const outcome = parseManifest(writeManifest(config, [layer, layer]));
  expect(outcome).toEqual({ kind: "manifest", manifest: { kind: "image", config, layers: [layer, layer] } });
  if (outcome.kind !== "manifest" || outcome.manifest.kind !== "image") throw new Error("not an image");
  expect(blobsOf(outcome.manifest)).toEqual([config, layer, layer]);
});

test("Ollama's Docker manifests are read, with their other fields left alone", () => {
  const entry = (descriptor: Descriptor): object => ({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.sizeBytes,
    from: "/somewhere",
  });
  const docker = {
    schemaVersion: 2,
    mediaType: MEDIA.dockerManifest,
    config: entry(config),
    layers: [entry({ ...layer, title: null })],
  };
  expect(parseManifest(bytes(docker))).toMatchObject({ kind: "manifest", manifest: { kind: "image" } });
  const list = { schemaVersion: 2, mediaType: MEDIA.ollamaList, manifests: [entry(config)] };
  expect(parseManifest(bytes(list))).toMatchObject({ kind: "manifest", manifest: { kind: "list" } });
});

test("a manifest without layers names no blob to copy, but keeps its config", () => {
  const outcome = parseManifest(
    bytes({ schemaVersion: 2, config: { digest: config.digest, size: 2 }, layers: null }),
  );
  if (outcome.kind !== "manifest" || outcome.manifest.kind !== "image") throw new Error("not an image");
  expect(blobsOf(outcome.manifest)).toEqual([]);
  expect(namedBy(outcome.manifest)).toEqual([config.digest]);
});

test.each([
  ["", "empty"],
  ["[]", "an array"],
  ["{}", "no version"],
  ['{"schemaVersion":1,"layers":[]}', "version 1"],
  ['{"schemaVersion":2}', "no layers"],
  ['{"schemaVersion":2,"mediaType":"x/y","layers":[]}', "an unknown type"],
  ['{"schemaVersion":2,"layers":[{}]}', "a layer without digest"],
  [`{"schemaVersion":2,"layers":[{"digest":"sha256:${hex("A")}","size":1}]}`, "upper-case hex"],
  [`{"schemaVersion":2,"layers":[{"digest":"sha256:${hex("a")}","size":-1}]}`, "a negative size"],
  [`{"schemaVersion":2,"layers":[{"digest":"sha256:${hex("a")}","size":1.5}]}`, "a broken size"],
  [
    `{"schemaVersion":2,"layers":[{"digest":"sha256:${hex("a")}","size":99999999999999999999}]}`,
    "a huge size",
  ],
  [`{"schemaVersion":2,"layers":[{"digest":"sha512:${hex("a")}","size":1}]}`, "another hash"],
  [`{"schemaVersion":2,"layers":[{"digest":"sha256:../../etc/passwd","size":1}]}`, "a path"],
])("%s is unreadable: %s", (text) => {
  expect(parseManifest(new TextEncoder().encode(text)).kind).toBe("unreadable");
});

test("any bytes are judged without an exception", () => {
  const sound = writeManifest(config, [layer]);
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, byte, length) => {
      const mutated = sound.slice(0, length);
      if (at < mutated.length) mutated[at] = byte;
      expect(["manifest", "unreadable"]).toContain(parseManifest(mutated).kind);
      readConfig(mutated);
    }),
    { numRuns: 3000 },
  );
});

test("a config has the fields that Ollama reads", () => {
  const summary = { format: "gguf", family: "llama", parameters: "7.2B", quantization: "Q4_0" };
  const written = writeConfig(summary, [layer.digest]);
  expect(readConfig(written)).toEqual(summary);
  expect(JSON.parse(new TextDecoder().decode(written))).toMatchObject({
    model_format: "gguf",
    model_family: "llama",
    model_families: ["llama"],
    model_type: "7.2B",
    file_type: "Q4_0",
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  });
});
