import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

const MOSAIC = "test/fixtures/oom/mosaic-synthetic.pickle";

interface Holder {
  readonly bytes: number;
  readonly blocks: number;
  readonly stack: readonly string[];
}

interface Report {
  readonly peak_allocated_bytes: number;
  readonly snapshot: { readonly holders: readonly Holder[] };
  readonly curve: Readonly<Record<string, readonly { t_ms: number; bytes: number }[]>>;
  readonly last_100_ops: readonly { op: string; bytes: number; ts_ns: number }[];
}

async function reportOf(path: string): Promise<Report> {
  const { code, json } = await apr(["oom", "ingest", path, "--json"]);
  expect(code).toBe(0);
  return json() as Report;
}

async function exported(to: string): Promise<string> {
  const out = join(tempDir(), "export");
  const { code, stdout } = await apr(["oom", "export", MOSAIC, "--to", to, "--out", out, "--json"]);
  expect({ code, form: (JSON.parse(stdout) as { form: string }).form }).toEqual({ code: 0, form: to });
  return out;
}

function python(...args: string[]): unknown {
  const { status, stdout, stderr } = spawnSync("python3", ["test/support/oom/exports.py", ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** `file:line function`, as the report writes frames. */
const frame = ([name, file, line]: readonly [string, string, number]): string =>
  file === "" ? name : `${file}:${line} ${name}`;

test("pprof: a profile that a reader of its own takes apart has every stack, innermost first, with its bytes", async (context) => {
  needs(context, "python3");
  const report = await reportOf(MOSAIC);
  const profile = python("pprof", await exported("pprof")) as {
    types: string[][];
    default: string;
    time: number;
    samples: { stack: [string, string, number][]; values: number[] }[];
  };
  expect(profile.types).toEqual([
    ["inuse_objects", "count"],
    ["inuse_space", "bytes"],
  ]);
  expect(profile.default).toBe("inuse_space");
  expect(profile.time).toBeGreaterThan(1.6e18);
  const seen = profile.samples.map(({ stack, values }) => ({
    blocks: values[0],
    bytes: values[1],
    stack: stack.map(frame).reverse(),
  }));
  expect(seen).toHaveLength(report.snapshot.holders.length);
  expect(seen).toEqual(report.snapshot.holders.map(({ bytes, blocks, stack }) => ({ bytes, blocks, stack })));
});

test("speedscope: indices lead to frames, and weights add up to the peak", async () => {
  const report = await reportOf(MOSAIC);
  const { stdout } = await apr(["oom", "export", MOSAIC, "--to", "speedscope"]);
  const file = JSON.parse(stdout) as {
    $schema: string;
    shared: { frames: { name: string; file?: string; line?: number }[] };
    profiles: {
      type: string;
      unit: string;
      startValue: number;
      endValue: number;
      samples: number[][];
      weights: number[];
    }[];
  };
  expect(file.$schema).toBe("https://www.speedscope.app/file-format-schema.json");
  const [profile] = file.profiles;
  expect(profile).toMatchObject({ type: "sampled", unit: "bytes", startValue: 0 });
  const sum = profile?.weights.reduce((total, weight) => total + weight, 0);
  expect(sum).toBe(profile?.endValue);
  // The report names the fifty largest; here they are all.
  expect(sum).toBe(report.peak_allocated_bytes);
  const stacks = profile?.samples.map((sample) =>
    sample.map((index) => {
      const { name, file: path = "", line = 0 } = file.shared.frames[index] ?? { name: "missing" };
      return frame([name, path, line]);
    }),
  );
  expect(stacks).toEqual(report.snapshot.holders.map(({ stack }) => stack));
});

test("perfetto: counters and instants in the form of trace events, in order and in microseconds", async () => {
  const report = await reportOf(MOSAIC);
  const { stdout } = await apr(["oom", "export", MOSAIC, "--to", "perfetto"]);
  const { traceEvents } = JSON.parse(stdout) as {
    traceEvents: {
      ph: string;
      name: string;
      ts: number;
      pid: number;
      tid: number;
      s?: string;
      args: { bytes?: number };
    }[];
  };
  for (const event of traceEvents) {
    expect(["M", "C", "i"]).toContain(event.ph);
    expect([typeof event.name, Number.isFinite(event.ts), event.pid, event.tid]).toEqual([
      "string",
      true,
      1,
      1,
    ]);
  }
  const counters = (series: string): unknown[] =>
    traceEvents
      .filter(({ ph, name }) => ph === "C" && name === series)
      .map(({ ts, args }) => [ts, args.bytes]);
  for (const [series, points] of Object.entries(report.curve)) {
    expect(counters(series)).toEqual(points.map(({ t_ms, bytes }) => [t_ms * 1000, bytes]));
  }
  const instants = traceEvents.filter(({ ph }) => ph === "i");
  expect(instants.map(({ name, ts, s }) => [name, ts, s])).toEqual(
    report.last_100_ops.map(({ op, ts_ns }) => [op, ts_ns / 1000, "t"]),
  );
});

test("memory-viz: a snapshot that Python reads, and that tells the same when it is read again", async (context) => {
  needs(context, "python3");
  const report = await reportOf(MOSAIC);
  const path = await exported("memory-viz");
  const seen = python("snapshot", path) as {
    keys: string[];
    blocks: { size: number; address: number; state: string }[];
    events: { action: string; addr: number; size: number }[];
  };
  expect(seen.keys).toEqual(["allocator_settings", "device_traces", "external_annotations", "segments"]);
  expect(seen.blocks.map(({ size }) => size)).toEqual(report.snapshot.holders.map(({ bytes }) => bytes));
  expect(seen.events.map(({ addr }) => addr)).toEqual(seen.blocks.map(({ address }) => address));
  const again = await reportOf(path);
  expect(again.peak_allocated_bytes).toBe(report.peak_allocated_bytes);
  expect(again.snapshot.holders.map(({ bytes }) => bytes)).toEqual(
    report.snapshot.holders.map(({ bytes }) => bytes),
  );
});
