import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { apiAt, startPush, traceFaults } from "../../../test/support/push/pushing.ts";
import { newWritable, TOKEN } from "../../../test/support/served-writable.ts";
import { newStore } from "../../../test/support/store.ts";
import { verifyStore } from "../../store/verify.ts";

// What apr sends, apr takes.

const LOGIN = { user: "anybody", password: TOKEN };

test("push: whole, in pieces, again, under another tag, and by a mount", async () => {
  const at = await newWritable();
  const { store, add } = await newStore();
  await add("m:1", randomBytes(3_000_000));
  await add("n:1", randomBytes(3_000_000));
  const api = apiAt(at.host, "lib/model", LOGIN);
  const limits = { pieceBytes: 512 * 1024, monolithicBytes: 4096 };
  for (const pushing of [
    startPush(store, api, "m:1"),
    startPush(store, apiAt(at.host, "lib/pieces", LOGIN), "n:1", { limits }),
  ]) {
    const pushed = await pushing.result;
    expect(pushed.sentBytes).toBe(pushed.sizeBytes);
    expect(traceFaults(pushing.events)).toEqual([]);
  }
  expect(await startPush(store, api, "m:1").result).toMatchObject({ same: true, sentBytes: 0 });
  expect(await startPush(store, api, "m:1", { reference: "v2" }).result).toMatchObject({ sentBytes: 0 });
  const mounted = startPush(store, apiAt(at.host, "lib/other", LOGIN), "m:1", { mountFrom: ["lib/model"] });
  const { sizeBytes } = await mounted.result;
  expect(await mounted.result).toMatchObject({ sentBytes: 0, mountedBytes: sizeBytes });
  await expect(startPush(store, api, "n:1").result).rejects.toMatchObject({ kind: "exists" });
  expect((await verifyStore(at.store)).problems).toEqual([]);
});
