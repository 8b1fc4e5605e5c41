import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { OpenFile } from "../../src/world/files.ts";
import type { Incoming, Listener, ListenOptions, Outgoing } from "../../src/world/net.ts";
import { nodeNet } from "../../src/world/node/net.ts";
import { openToRead } from "../../src/world/node/open-file.ts";
import { pattern } from "./net.ts";
import { tempDir } from "./temp.ts";

export const CONTENT = pattern(5_000_003);

/** A listener that ends with the running test. */
export async function listen(
  handler: (incoming: Incoming) => Promise<Outgoing>,
  more: Partial<ListenOptions> = {},
): Promise<{ readonly listener: Listener; readonly origin: string }> {
  const options = {
    host: "127.0.0.1",
    port: 0,
    maxConnections: 20,
    headTimeoutMs: 5000,
    idleTimeoutMs: 5000,
  };
  const listener = await nodeNet.listen({ ...options, ...more }, handler);
  onTestFinished(async () => {
    await nodeNet.close();
    await listener.close(0);
  });
  return { listener, origin: `http://127.0.0.1:${listener.port}` };
}

export function text(status: number, words: string): Outgoing {
  return { status, headers: {}, body: { kind: "bytes", bytes: Buffer.from(words) } };
}

type FileBody = NonNullable<Outgoing["body"]>;

/** Files as bodies, and whether they were closed. */
export function sources(): { readonly body: (at: number, size: number) => FileBody; open: () => number } {
  const path = join(tempDir(), "source");
  writeFileSync(path, CONTENT);
  let count = 0;
  const body = (offsetBytes: number, sizeBytes: number): FileBody => {
    const real = openToRead(path);
    count += 1;
    const file = Object.create(real) as OpenFile;
    file.readAt = (buffer, offset) => real.readAt(buffer, offset);
    file.close = () => {
      count -= 1;
      return real.close();
    };
    return { kind: "file", file, offsetBytes, sizeBytes };
  };
  return { body, open: () => count };
}
