import { test } from "vitest";
import { judgeTransfer } from "../../src/oracles/judge.ts";
import { plantedBundle } from "../support/plant.ts";
import { tempDir } from "../support/temp.ts";
import { run } from "../support/transfer/run.ts";
test.each(["plain", "lie", "stop", "whole", "change", "dead", "race"])("%s", async (scenario) => {
  const bundle = await plantedBundle("test/support/transfer/planted-entry.ts", null);
  const { code, stdout, stderr } = await run([process.execPath, bundle, `${tempDir()}/models`, scenario]);
  const { events, error } = JSON.parse(stdout || "{}");
  const j = judgeTransfer(events, { name: "x" });
  const kinds: Record<string, number> = {};
  for (const e of events) kinds[e.kind] = (kinds[e.kind] ?? 0) + 1;
  console.log("SC", scenario, code, error, stderr.slice(0, 300), j.verdict, j.clean, JSON.stringify(j.violations.map((v) => v.description)), JSON.stringify(kinds));
  if (!j.clean) {
    const dropped = events.findIndex((e) => e.kind === "path_dropped");
    console.log("SC", JSON.stringify(events.slice(dropped, dropped + 12)));
    const seen = new Set();
    for (const e of events) { if (e.kind === "repair") seen.delete(e.data.chunk); if (e.kind === "path_done") { if (seen.has(e.data.chunk)) console.log("SC twice", JSON.stringify(e)); seen.add(e.data.chunk); } }
  }
});
