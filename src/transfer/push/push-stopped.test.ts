import { expect, test } from "vitest";
import { scriptedRegistry } from "../../../test/support/push/scripted.ts";
import { apiAt, startPush } from "../../../test/support/push/pushing.ts";
import { newStore } from "../../../test/support/store.ts";

test("a push that was stopped says so, whatever else fails before it has noticed", async () => {
  const { add, store } = await newStore();
  await add("m:1", "a model");
  const registry = await scriptedRegistry();
  const api = apiAt(`127.0.0.1:${registry.port}`, "lib/model");
  const stop = new AbortController();
  const reason = new Error("stopped by a person");
  const unreadable = { ...store.world.files, readSmall: () => Promise.reject(eio()) };
  const broken = { ...store, world: { ...store.world, files: unreadable } };
  await expect(startPush(broken, api, "m:1", { signal: stop.signal }).result).rejects.toThrow("input/output");
  stop.abort(reason);
  await expect(startPush(broken, api, "m:1", { signal: stop.signal }).result).rejects.toBe(reason);
});

function eio(): Error {
  return Object.assign(new Error("EIO: i/o error, read"), { code: "EIO", syscall: "read" });
}
