import { createHash } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newStore } from "../../../test/support/store.ts";
import { digestOf } from "../../store/digest.ts";
import { blobPath } from "../../store/layout.ts";
import { Parts, partBytesFor } from "./parts.ts";
import { Sending } from "./sending.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test.each([
  [0, 2 * MIB],
  [4 * GIB, 2 * MIB],
  [4 * GIB + 1, 4 * MIB],
  [16 * GIB, 4 * MIB],
  [16 * GIB + 1, 8 * MIB],
  [64 * GIB, 8 * MIB],
  [64 * GIB + 1, 16 * MIB],
  [200 * GIB, 32 * MIB],
])("parts of %d bytes", (sizeBytes, partBytes) => {
  expect(partBytesFor(sizeBytes)).toBe(partBytes);
});

test("each part's digest, and never one of a damaged blob", async () => {
  const { store, add } = await newStore();
  const content = Buffer.alloc(5 * MIB + 17, "apr");
  content.writeUInt32LE(7, 3 * MIB);
  await add("m", content);
  const digest = digestOf(sha(content));
  const expected = [0, 2, 4].map((at) =>
    sha(content.subarray(at * MIB, Math.min((at + 2) * MIB, content.length))),
  );
  const parts = new Parts(store, new Sending());
  expect(await Promise.all([parts.of(digest), parts.of(digest)])).toEqual([
    { kind: "ready", partBytes: 2 * MIB, hex: expected },
    { kind: "ready", partBytes: 2 * MIB, hex: expected },
  ]);
  expect(await parts.of(digestOf("0".repeat(64)))).toEqual({ kind: "absent" });

  // While something is being sent it takes longer, and comes to the same end.
  const sending = new Sending();
  const counted = sending.count(await store.world.files.openRead(blobPath(store.root, digest)));
  expect(sending.isBusy).toBe(true);
  expect(await new Parts(store, sending).of(digest)).toMatchObject({ kind: "ready", hex: expected });
  await counted.close();
  await counted.close();
  expect(sending.isBusy).toBe(false);

  content[MIB] = 1;
  chmodSync(blobPath(store.root, digest), 0o644);
  writeFileSync(blobPath(store.root, digest), content);
  const fresh = new Parts(store, new Sending());
  expect(await fresh.of(digest)).toEqual({ kind: "damaged" });
  expect(await fresh.of(digest)).toEqual({ kind: "damaged" });
  await fresh.close();
  expect(await fresh.of(digest)).toEqual({ kind: "later" });
});
