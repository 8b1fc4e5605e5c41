import type { BaselineReport, ChaosReport, FaultReport } from "../../src/contracts/chaos-report.ts";

/** A clean run's figures for tests of the reports; any of them can be replaced. */
export function baselineExample(over: Partial<BaselineReport> = {}): BaselineReport {
  return {
    exit_code: 0,
    duration_ms: 50,
    peak_rss_bytes: 2_202_010,
    peak_rss_method: "gnu-time",
    peak_tree_bytes: 2_100_000,
    peak_tree_method: "pss-sum",
    deterministic: true,
    output_bytes: 67_108_864,
    stderr: "",
    ...over,
  };
}

/** A fault that passed both ways; any part can be replaced. */
export function faultExample(over: Partial<FaultReport> = {}): FaultReport {
  return {
    id: "F-CHAOS-001",
    title: "memory budget",
    contract: { verdict: "pass", reason: null },
    strict: { verdict: "pass", reasons: [] },
    fired: true,
    evidence: {},
    reproduce: "command time -v cp tiny.gguf out.gguf",
    happened: "peak 2.1 MiB of 704 MiB allowed",
    why: "",
    notes: [],
    flaky: null,
    gates: [],
    duration_ms: 420,
    ...over,
  };
}

/** `cp` under the five faults: passes, failures of both kinds and an inconclusive one. */
export function chaosExample(over: Partial<ChaosReport> = {}): ChaosReport {
  return {
    command: ["cp", "{model}", "{out}"],
    verdict: "fail",
    model: { path: "tiny.gguf", bytes: 67_108_864 },
    state: null,
    sandbox: {
      confined: true,
      notes: ["the memory limit is an address-space limit: no cgroup can be made here"],
    },
    baseline: baselineExample(),
    faults: [
      faultExample(),
      faultExample({
        id: "F-CHAOS-002",
        title: "out of memory",
        contract: { verdict: "inconclusive", reason: { code: "not-fired", remedy: "set --memory-limit" } },
        strict: { verdict: "inconclusive", reasons: [{ code: "not-fired" }] },
        fired: false,
        happened: "no limit above start-up size makes it fail",
      }),
      faultExample({
        id: "F-CHAOS-003",
        title: "interrupt",
        strict: {
          verdict: "fail",
          reasons: [{ code: "partial-output", path: "out.gguf", bytes: 32_505_856 }],
        },
        happened: "ended in 2 ms (130), left 31 of 64 MiB behind",
        why: "the next program takes half a file for a whole one",
        reproduce: "timeout -s INT 0.02 cp tiny.gguf out.gguf; ls -l out.gguf",
      }),
      faultExample({
        id: "F-CHAOS-004",
        title: "overwrite",
        contract: { verdict: "fail", reason: { code: "silent-overwrite" } },
        strict: { verdict: "fail", reasons: [{ code: "clobbered" }] },
        happened: "replaced an existing file without asking, exit 0",
        why: "a mistyped name destroys the user's file",
        reproduce: "echo precious > out.gguf; cp tiny.gguf out.gguf; cat out.gguf | head -c 8",
        notes: [{ code: "runtime-abort", signal: "SIGABRT" }],
      }),
      faultExample({
        id: "F-CHAOS-005",
        title: "disk full",
        strict: { verdict: "fail", reasons: [{ code: "partial-output" }] },
        happened: '"No space left on device", left a 2.0 MiB partial file',
        why: "a retry may skip the file because it exists",
        reproduce: `unshare -Urm sh -c 'mount -t tmpfs -o size=2m none "$1" && cp tiny.gguf "$1"/out.gguf; ls -l "$1"' sh out`,
        flaky: { pass: 1, fail: 2, inconclusive: 0 },
      }),
    ],
    duration_ms: 2345,
    exit_code: 5,
    ...over,
  };
}
