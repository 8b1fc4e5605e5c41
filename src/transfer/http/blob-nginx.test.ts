import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeNet } from "../../world/node/net.ts";
import { nodeClock } from "../../world/node/time.ts";
import { needs } from "../../../test/support/needs.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { nginxServer } from "../../../test/support/transfer/scoped.ts";
import type { ChunkOutcome } from "../source.ts";
import { httpBlob } from "./blob.ts";
import { httpClient } from "./client.ts";

test("nginx: ranges come, a file that grew, shrank or went away is told", async (context) => {
  needs(context, "nginx", "setpriv");
  const root = `${tempDir()}/www`;
  mkdirSync(root);
  const content = Buffer.alloc(100_000, "abcdefg");
  writeFileSync(`${root}/m.gguf`, content);
  const server = await nginxServer(root);
  const path = `${tempDir()}/part`;
  const file = await nodeFiles.createNew(path, 0o600);
  const source = httpBlob({
    ...{ client: httpClient(nodeNet), auth: null, clock: nodeClock, name: "nginx", sizeBytes: null },
    url: () => new URL(`http://127.0.0.1:${server.port}/m.gguf`),
  });
  const chunk = (offsetBytes: number, sizeBytes: number): Promise<ChunkOutcome> => {
    const { signal } = new AbortController();
    return source.chunk({ file, offsetBytes, sizeBytes, signal, onBytes: () => undefined });
  };
  expect(await chunk(60_000, 40_000)).toEqual({ kind: "got" });
  expect(await chunk(0, 60_000)).toEqual({ kind: "got" });
  expect(Buffer.from(await nodeFiles.readBounded(path, 200_000)).equals(content)).toBe(true);
  expect(source.validator()).toMatch(/^etag .* 100000$/);
  writeFileSync(`${root}/m.gguf`, Buffer.alloc(100_001, "x"));
  expect(await chunk(0, 60_000)).toMatchObject({ kind: "changed" });
  writeFileSync(`${root}/m.gguf`, Buffer.alloc(10, "x"));
  expect(await chunk(50_000, 10)).toMatchObject({ kind: "changed" });
  source.forget();
  expect(await chunk(50_000, 10)).toMatchObject({ kind: "failed", code: "size", retry: "never" });
  await nodeFiles.unlink(`${root}/m.gguf`);
  expect(await chunk(0, 10)).toMatchObject({ kind: "failed", code: "not-found", retry: "never" });
  await file.close();
});
