/** A report of `apr qa sweep`, as small as one with everything in it can be. */
export function sweepReport(change: Readonly<Record<string, unknown>> = {}): string {
  const gate = {
    ...{ gate: "apr-qa-chaos-v1/APR-CHAOS-OUTPUT-INTACT", origin: "strict", judged: "live", verdict: "fail" },
    reason: { code: "partial-output", size_bytes: 0 },
  };
  const member = (point: string, proof: string) => ({
    ...{ point, proof, exit_code: 1 },
    happened: "exit 1, left an empty file",
  });
  const finding = {
    ...{ id: "partial output: write output", class: "partial output", severity: "medium", role: "output" },
    where: "ENOSPC, EIO on write of the output",
    ...{ faults: ["ENOSPC", "EIO"], calls: ["write"], codes: ["partial-output"], single: true, points: 3 },
    first: member("ENOSPC:write:1", "write(4, …) = -1 ENOSPC (No space left on device) (INJECTED)"),
    members: [
      member("ENOSPC:write:1", "write(4, …) = -1 ENOSPC (No space left on device) (INJECTED)"),
      member("EIO:write:1", "write(4, …) = -1 EIO (Input/output error) (INJECTED)"),
      member("EIO:write:2", "write(4, …) = -1 EIO (Input/output error) (INJECTED)"),
    ],
    ...{ repeats: { tried: 3, same: 3 }, line: "again strace cp m out", known: null, verdicts: [gate] },
    reproduce: "d=$(mktemp -d)\nagain strace -e inject=write:error=ENOSPC:when=1 cp m out",
    why: "the next program takes the partial file for a whole one",
  };
  const known = {
    ...finding,
    ...{ id: "hang: SIGTERM", class: "hang", severity: "high", role: "file", points: 1 },
    ...{ where: "SIGTERM on read", faults: ["SIGTERM"], calls: ["read"], codes: ["hang"] },
    first: member("SIGTERM:read:1", "--- SIGTERM ---"),
    members: [member("SIGTERM:read:1", "--- SIGTERM ---")],
    known: "the runtime does it; to be looked at again",
  };
  return JSON.stringify({
    ...{ schema_version: 1, command: ["cp", "{model}", "{out}"], verdict: "fail", blind: null },
    model: { path: "m.bin", bytes: 300_000 },
    sandbox: { confined: true, notes: ["no network"] },
    baseline: {
      ...{ exit_code: 0, duration_ms: 7.1, deterministic: true, output_bytes: 300_000 },
      ...{ stdout_bytes: 0, stderr: "" },
    },
    counts: { total: 12, passed: 4, failed: 4, inconclusive: 1, not_reached: 2, not_tried: 1 },
    unreached: ["ENOSPC:write:7", "EIO:close:3"],
    passed_points: ["ENOSPC:write:2", "EIO:fsync:1", "SIGKILL:write:1", "stdout-full"],
    unclear_points: ["EIO:openat:1"],
    further: [
      { name: "stdout-full", title: "stdout is full", verdict: "pass", tried: 1, failed: 0, reasons: [] },
      {
        ...{ name: "fd-limit", title: "few file descriptors", verdict: "inconclusive", tried: 1, failed: 0 },
        reasons: [{ code: "not-fired" }],
      },
    ],
    findings: [finding, known],
    ...{ setup: "d=$(mktemp -d)", inconclusive: [{ reason: { code: "not-fired" }, points: 1 }] },
    ...{ shard: null, sample: null, budget_ms: 60_000, duration_ms: 900.5, sweep_ms: 800.2, runs: 16 },
    ...{ packs: { "partial output: write output": "packs/qa-sweep-1" }, exit_code: 5 },
    ...change,
  });
}

/** A file of `apr sim sweep` with one scenario that broke something and one that did not. */
export function simSweep(change: Readonly<Record<string, unknown>> = {}): string {
  const states = {
    "net cut @ spawn": 120,
    "net cut @ commit": 14,
    "disk full @ commit": 3,
    "crash @ start": 1,
  };
  const tally = {
    ...{ seeds: 1000, steps: 265_000, violated: 2, states },
    coverage: { "net cut": 134, "disk full": 3, crash: 1 },
    failures: [
      { seed: "17", type: "obligation_leak", detail: "chunk 3 was never ended" },
      { seed: "18446744073709551615", type: "torn_tag", detail: "a tag names a missing blob" },
    ],
  };
  const clean = { ...tally, violated: 0, failures: [], states: {}, coverage: {} };
  return JSON.stringify({
    ...{ kind: "apr-sim-sweep", schema_version: 1, apr_version: "0.1.0" },
    ...{ seeds: { from: "0", to: "999" }, shards: { of: 1, in: [0] } },
    scenarios: [
      { scenario: "single-pull", params: { chunks: 64 }, tally },
      { scenario: "tags-and-gc", params: {}, tally: clean },
    ],
    ...change,
  });
}
