import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { Sim } from "../sim/sim.ts";
import { judgePart } from "./judge.ts";
import { CHUNK_BYTES, makeStore, pullIn, serveModel } from "./model.ts";
import { Stage } from "./stage.ts";

const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex");

test("a full disk is refused before the first byte is fetched", async () => {
  const sim = new Sim({ choices: 3n, sha256, disk: { capacityBytes: 20 * CHUNK_BYTES } });
  const stage = new Stage(sim, {});
  const model = serveModel(stage, 1, 24, [{ name: "a.example" }]);
  const ended = await sim.run(() => pullIn(stage.start("pull"), model));
  expect(ended).toMatchObject({ kind: "failed", error: { fields: { code: "ENOSPC" } } });
  expect(model.served.bytes).toBe(0);
  expect(sim.disk.usedBytes).toBe(0);
});

test("a clean pull of 64 chunks asks for each byte once, takes over what was there, and leaves nothing under way", async () => {
  const sim = new Sim({ choices: [], sha256 });
  const stage = new Stage(sim, {});
  const model = serveModel(stage, 1, 64, [{ name: "a.example" }]);
  await sim.run(async () => {
    await makeStore(stage);
    const first = stage.start("pull");
    sim.may(0, () => undefined);
    const half = pullIn(first, model);
    await first.started.world.timers.sleep(200);
    first.started.process.kill();
    expect((await half).kind).toBe("killed");
    const part = stage.start("pull");
    const ended = await pullIn(part, model);
    judgePart(stage, part, ended);
    expect(ended).toMatchObject({ kind: "done", value: { sizeBytes: model.sizeBytes, created: true } });
    if (ended.kind === "done") expect(ended.value.resumedBytes).toBeGreaterThan(8 * CHUNK_BYTES);
  });
  expect(stage.violations).toEqual([]);
  expect(model.served.bytes).toBeLessThan(model.sizeBytes + 13 * CHUNK_BYTES);
  expect(sim.scheduler.pending()).toEqual([]);
});
