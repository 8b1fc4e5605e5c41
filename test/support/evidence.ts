import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apr } from "./cli.ts";
import { tinyGguf } from "./gguf.ts";
import { startFaulty } from "./transfer/faulty/server.ts";
import { imageOf, imagePaths, modelOf } from "./transfer/model.ts";

const MIB = 1024 * 1024;

// No test's own words in here: scripts/views.mjs makes its pictures of the same evidence.
function must(isTrue: boolean, stderr: string): void {
  if (!isTrue) throw new Error(stderr);
}

/** What `apr qa chaos` keeps of a command that fails some faults. */
export async function chaosEvidence(folder: string): Promise<string> {
  const model = join(folder, "tiny.gguf");
  writeFileSync(model, tinyGguf(MIB));
  const kept = join(folder, "chaos");
  const { code, stderr } = await apr([
    "qa",
    "chaos",
    "--model",
    model,
    "--keep",
    kept,
    "--",
    "cp",
    "{model}",
    "{out}",
  ]);
  must(code === 5, stderr);
  return kept;
}

/** The pack of a pull from a server that always sends one wrong byte. */
export async function packEvidence(folder: string): Promise<string> {
  const content = imagePaths(imageOf(modelOf(13 * MIB)), "team/m", "1");
  const server = await startFaulty({
    content,
    faults: [{ to: "content", does: { kind: "wrong-byte", at: 5 * MIB } }],
  });
  const packs = join(folder, "packs");
  const store = join(folder, "failed");
  const pull = ["pull", `${server.host}/team/m:1`, "--as", "m:1", "--retries", "1", "--store", store];
  const { code, stderr } = await apr([...pull, "--crashpack", packs]);
  must(code !== 0, stderr);
  const path = /crashpack {2}(.+)\n/.exec(stderr)?.[1];
  if (path === undefined) throw new Error(`no pack: ${stderr}`);
  return path;
}

/** The trace of a pull that went well. */
export async function traceEvidence(folder: string): Promise<string> {
  writeFileSync(join(folder, "t.gguf"), tinyGguf(MIB));
  const trace = join(folder, "trace.json");
  const pull = ["pull", join(folder, "t.gguf"), "--as", "t:1", "--store", join(folder, "traced")];
  const { code, stderr } = await apr([...pull, "--trace", trace]);
  must(code === 0, stderr);
  return trace;
}

/** The proof of a command that failed. */
export async function proofEvidence(folder: string): Promise<string> {
  const out = join(folder, "proof");
  const { code, stderr } = await apr(["proof", "run", "--out", out, "--", "sh", "-c", "echo begun; exit 3"]);
  must(code === 3, stderr);
  return out;
}

/** The report of a real snapshot of PyTorch's. */
export async function snapshotEvidence(folder: string): Promise<string> {
  const out = join(folder, "snapshot.json");
  const from = fileURLToPath(new URL("../fixtures/oom/mosaic-synthetic.pickle", import.meta.url));
  const { code, stderr } = await apr(["oom", "ingest", from, "--out", out]);
  must(code === 0, stderr);
  return out;
}

/** The report of a Node.js program that met its heap limit. */
export async function deathEvidence(folder: string): Promise<string> {
  const reports = join(folder, "deaths");
  mkdirSync(reports);
  const program = "const all = []; for (;;) all.push(new Array(1e5).fill(all.length));";
  const node = [process.execPath, "--max-old-space-size=24", "-e", program];
  const { stderr } = await apr(["run", "--report-dir", reports, "--", ...node]);
  const [name] = readdirSync(reports);
  if (name === undefined) throw new Error(stderr);
  return join(reports, name);
}

/** The file of a sweep over seeds that breaks nothing. */
export async function simEvidence(folder: string): Promise<string> {
  const out = join(folder, "sim.json");
  const { code, stderr } = await apr(["sim", "sweep", "single-pull", "--seeds", "0..40", "--out", out]);
  must(code === 0, stderr);
  return out;
}

/** The report of a small sweep over a command that leaves partial files, and its SARIF. */
export async function sweepEvidence(
  folder: string,
): Promise<{ readonly json: string; readonly sarif: string }> {
  const [model, json, sarif] = ["swept.bin", "sweep.json", "sweep.sarif"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(model, Buffer.alloc(MIB / 4, "swept"));
  const how = [
    "--faults",
    "ENOSPC,EIO,SIGTERM",
    "--budget",
    "none",
    "--repeat",
    "1",
    "--sarif",
    sarif,
    "--json",
  ];
  const ran = await apr(["qa", "sweep", "--model", model, ...how, "--", "cp", "{model}", "{out}"]);
  must(ran.code === 5, ran.stderr);
  writeFileSync(json, ran.stdout);
  return { json, sarif };
}

/** A store with three tags of two models. */
export async function storeEvidence(folder: string): Promise<string> {
  const store = join(folder, "store");
  for (const [name, seed] of [
    ["a.gguf", "a"],
    ["b.gguf", "b"],
  ] as const) {
    writeFileSync(join(folder, name), tinyGguf(MIB, seed));
    const { code, stderr } = await apr(["import", join(folder, name), "--as", `${seed}:1`, "--store", store]);
    must(code === 0, stderr);
  }
  const copied = await apr(["cp", "a:1", "a:before", "--store", store]);
  must(copied.code === 0, copied.stderr);
  return store;
}

/** What `apr oom fit --json` says of a model that is too large. */
export function fitAdvice(): string {
  const GIB = 1024 * MIB;
  return JSON.stringify({
    ...{ model: "m.gguf", context_tokens: 8192, gpu_layers: null, batch: 512, kv_type: "f16", fits: false },
    ...{ memory_bytes: 8 * GIB, weights_bytes: 8 * GIB, kv_bytes: GIB, overhead_bytes: 300 * MIB },
    ...{ total_bytes: 9 * GIB + 300 * MIB, gpu_bytes: 0, longest_context: null, missing: [] },
    changes: [{ kind: "quantization", label: "Q4_K_M", bits_per_weight: 4.84, bytes: 6 * GIB }],
    assumptions: ["all weights are held at once"],
  });
}

/** A report as an engine may leave it, with everything that a page can show. */
export function oomReport(change: Readonly<Record<string, unknown>> = {}): string {
  const curve = (factor: number) =>
    Array.from({ length: 60 }, (_, at) => ({ t_ms: at * 50, bytes: at * factor * MIB }));
  return JSON.stringify({
    peak_allocated_bytes: 3_000_000_000,
    peak_reserved_bytes: 3_400_000_000,
    largest_alloc_stack: ["train.py:10 main", "model.py:88 forward", "attention.py:41 scores"],
    tensor_histogram: { "under 1 MiB": 1203, "1 to 16 MiB": 311, "16 MiB and more": 28 },
    last_100_ops: [{ op: "alloc", bytes: 4096, ts_ns: 1 }],
    exit_code: 137,
    timestamp: "2026-01-01T00:00:00Z",
    cause: {
      killer: "kernel",
      tool: "cgroup",
      limit_bytes: 3_200_000_000,
      certainty: "observed",
      evidence: [],
    },
    curve: { "process 7 python3": curve(40), "process 8 python3": curve(8) },
    provenance: { exit_code: { kind: "observed", source: "the wait status" } },
    notes: ["a cgroup counts page cache"],
    program: { argv: ["python3", "train.py"], stderr_end: "Killed" },
    snapshot: {
      ...{ device: 0, holders_left_out: 4 },
      holders: [
        { bytes: 2_000_000_000, blocks: 12, stack: ["train.py:10 main", "model.py:88 forward"] },
        { bytes: 500_000_000, blocks: 3, stack: ["train.py:10 main", "optim.py:5 step"] },
      ],
    },
    ...change,
  });
}
