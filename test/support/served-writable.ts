import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Digest } from "../../src/store/digest.ts";
import type { ServeOptions } from "../../src/transfer/serve/options.ts";
import { type Answer, type AskOptions, newServed, type TestServed } from "./served.ts";
import type { TestBlob, TestImage } from "./transfer/model.ts";

export const TOKEN = "correct-horse-battery";
const AUTH = { authorization: `Bearer ${TOKEN}` };
export const sha = (bytes: Uint8Array | string): Digest =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export interface Writable extends TestServed {
  /** With the token. */
  readonly send: (method: string, path: string, options?: AskOptions) => Promise<Answer>;
}

export async function newWritable(options: ServeOptions = {}): Promise<Writable> {
  const at = await newServed({ write: { token: TOKEN }, ...options });
  const send: Writable["send"] = (method, path, rest = {}) =>
    at.ask(method, path, { ...rest, headers: { ...AUTH, ...rest.headers } });
  return { ...at, send };
}

export const begin = async ({ send }: Writable, name = "m"): Promise<string> => {
  const answer = await send("POST", `/v2/${name}/blobs/uploads/`);
  expect(answer).toMatchObject({ status: 202, headers: { range: "0-0" } });
  return answer.headers["location"] ?? "";
};

export const pushBlob = (at: Writable, { digest, bytes }: TestBlob, name = "m"): Promise<Answer> =>
  at.send("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: bytes });

export async function pushImage(
  at: Writable,
  image: TestImage,
  reference: string,
  name = "m",
): Promise<Answer> {
  for (const blob of [image.model, image.config]) {
    expect(await pushBlob(at, blob, name)).toMatchObject({ status: 201 });
  }
  return at.send("PUT", `/v2/${name}/manifests/${reference}`, { body: image.manifest.bytes });
}
