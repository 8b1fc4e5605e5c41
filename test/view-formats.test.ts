import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { oomReport, packEvidence, storeEvidence } from "./support/evidence.ts";
import { tempDir } from "./support/temp.ts";

interface Chrome {
  readonly traceEvents: readonly {
    readonly ph: string;
    readonly name: string;
    readonly ts: number;
    readonly dur?: number;
    readonly pid: number;
    readonly tid: number;
    readonly args?: Readonly<Record<string, unknown>>;
  }[];
}

test("a pack as a Chrome trace: every event once, spans inside the run, lanes named", async () => {
  const folder = tempDir();
  const pack = await packEvidence(folder);
  const file = join(folder, "pack.trace.json");
  expect((await apr(["view", pack, "-o", file, "--json"])).json()).toMatchObject({ format: "perfetto" });
  const { traceEvents } = JSON.parse(readFileSync(file, "utf8")) as Chrome;
  const trace = JSON.parse(readFileSync(join(pack, "transfer.atp-trace"), "utf8")) as {
    time_ns: number;
    kind: string;
  }[];
  const shown = traceEvents.filter(({ ph }) => ph === "X" || ph === "i");
  for (const kind of new Set(trace.map((event) => event.kind))) {
    const count = trace.filter((event) => event.kind === kind).length;
    expect(shown.filter(({ name }) => name === kind)).toHaveLength(count);
  }
  const lastUs = (trace.at(-1)?.time_ns ?? 0) / 1000;
  expect(shown.every(({ dur = 0, ts }) => ts >= 0 && dur >= 0 && ts + dur <= lastUs + 1)).toBe(true);
  const lanes = new Set(traceEvents.filter(({ ph }) => ph === "M").map(({ tid }) => tid));
  expect(shown.filter(({ tid }) => tid !== 0).every(({ tid }) => lanes.has(tid))).toBe(true);
});

test("a report's curve as counters, its stack for speedscope, all of it as Markdown", async () => {
  const folder = tempDir();
  const evil = "</details>|<img src=x>`a`\n# heading @someone https://example.com";
  writeFileSync(join(folder, "oom.json"), oomReport({ notes: [evil], snapshot: undefined }));
  const to = async (name: string): Promise<string> => {
    const made = await apr(["view", join(folder, "oom.json"), "-o", join(folder, name)]);
    expect(made.code, made.stderr).toBe(0);
    return readFileSync(join(folder, name), "utf8");
  };
  const { traceEvents } = JSON.parse(await to("a.trace.json")) as Chrome;
  expect(traceEvents.filter(({ ph }) => ph === "C")).toHaveLength(120);
  const speedscope = JSON.parse(await to("a.speedscope.json")) as {
    shared: { frames: { name: string }[] };
    profiles: { unit: string; samples: number[][]; weights: number[]; endValue: number }[];
  };
  const [profile] = speedscope.profiles;
  expect(profile).toMatchObject({ unit: "bytes", samples: [[0, 1, 2]], endValue: 3_000_000_000 });
  expect(speedscope.shared.frames.map(({ name }) => name)).toEqual([
    "train.py:10 main",
    "model.py:88 forward",
    "attention.py:41 scores",
  ]);
  const markdown = await to("a.md");
  expect(markdown).toContain("❌ **out of memory, ended by the kernel");
  expect(markdown).toContain("| crux-f-13/schema | ✅ pass |");
  expect(markdown).not.toMatch(/<img|<\/details|^# heading|@someone|https:\/\/example/m);
});

test("a form that shows nothing of this evidence is refused", async () => {
  const folder = tempDir();
  const store = await storeEvidence(folder);
  const made = await apr(["view", store, "--to", "perfetto", "-o", join(folder, "x"), "--json"]);
  expect(made.code).toBe(2);
  expect(made.json()).toMatchObject({ error: { code: "no-such-picture" } });
});
