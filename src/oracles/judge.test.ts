import { expect, test } from "vitest";
import { digest, type Step, smallPull, traceOf } from "../../test/support/oracles/trace.ts";
import { transferChecks } from "../contracts/transfer-state.ts";
import { evidenceLedger } from "../evidence/ledger.ts";
import { CLOSING_CHECKS, type OracleSwitches } from "./checks.ts";
import { judgeTransfer } from "./judge.ts";
import { readTrace, traceText } from "./trace-text.ts";

const ALL = [...transferChecks.map(([check]) => check), ...CLOSING_CHECKS];

function without(kind: string): Step[] {
  return smallPull().filter(([each]) => each !== kind);
}

/** A trace for each check that this one finds fault with. */
const BROKEN: Readonly<Record<(typeof ALL)[number], readonly [Step[], string]>> = {
  manifest: [
    [["manifest", { expected: digest("e"), actual: digest("0") }], ...without("manifest")],
    "manifest_integrity",
  ],
  journal: [without("journal_opened"), "journal_consistency"],
  quiescence: [without("region_close_complete"), "quiescence"],
  obligation: [without("commit"), "obligation_leak"],
  path_consistency: [
    [["path_dropped", { path: "host", why: "refused" }], ...smallPull()],
    "path_consistency",
  ],
  final_exposure: [
    [["exposed", { what: "blob", name: "blob", digest: digest("b") }], ...smallPull()],
    "final_exposure",
  ],
  cancellation_drain: [
    smallPull().map(
      (step): Step => (step[0] === "complete" ? ["cancel", { task: "fetch/1", why: "lost" }] : step),
    ),
    "cancellation_drain",
  ],
  proof_validity: [without("proof"), "proof_validity"],
};

test("a sound transfer passes, live, by four gates and eight checks", () => {
  const judged = judgeTransfer(traceOf(smallPull()), { name: "pull" });
  expect(judged.verdicts.map(({ gate, verdict, judged: how }) => [gate, verdict, how])).toEqual(
    ["oracle", "APR-ATP-VACUOUS", "APR-ATP-CLOSING", "APR-ATP-RECOMPUTED"].map((name) => [
      ...[`atp-transfer/${name}`, "pass", "live"],
    ]),
  );
  expect(judged).toMatchObject({
    verdict: "pass",
    passed: true,
    clean: true,
    checks: 8,
    events: 20,
    violations: [],
  });
  expect(
    judged.results.map(({ oracle_name, passed, stats }) => [oracle_name, passed, stats.events_recorded]),
  ).toEqual([
    ["pull", true, 5],
    ["pull/closing", true, 3],
  ]);
});

test.each(ALL)("%s finds its fault, and does not when it is switched off", (check) => {
  const [steps, type] = BROKEN[check];
  const on = judgeTransfer(traceOf(steps), { name: "pull" });
  expect(on.violations.map(({ violation_type }) => violation_type)).toContain(type);
  expect(on).toMatchObject({ verdict: "fail", passed: false, clean: false });
  const only = Object.fromEntries(ALL.map((each) => [each, each === check])) as OracleSwitches;
  const alone = judgeTransfer(traceOf(steps), { name: "pull", switches: only });
  expect([alone.checks, alone.violations.map(({ violation_type }) => violation_type)]).toEqual([1, [type]]);
  const off = judgeTransfer(traceOf(steps), { name: "pull", switches: { [check]: false } });
  expect(off.checks).toBe(7);
  expect(off.violations.map(({ violation_type }) => violation_type)).not.toContain(type);
});

test("one that was stopped half way is no pass, but clean", () => {
  const steps: Step[] = [
    ["manifest", { expected: digest("e"), actual: digest("e") }],
    ["region_created", { region: "r" }],
    ["spawn", { task: "t", region: "r" }],
    ["region_cancelled", { region: "r", why: "SIGINT" }],
    ["cancel", { task: "t", why: "SIGINT" }],
    ["complete", { task: "t", outcome: "cancelled" }],
    ["region_close_complete", { region: "r" }],
  ];
  const judged = judgeTransfer(traceOf(steps), { name: "pull" });
  expect(judged).toMatchObject({
    verdict: "inconclusive",
    passed: false,
    clean: true,
    violations: [],
    results: [],
  });
  const leaking = judgeTransfer(traceOf(steps.slice(0, -2)), { name: "pull" });
  expect(leaking).toMatchObject({ verdict: "fail", clean: false });
  expect(leaking.violations.map(({ violation_type }) => violation_type)).toEqual([
    "quiescence",
    "cancellation_drain",
  ]);
});

test.each<[string, (trace: object[]) => unknown[], string]>([
  [
    "another version",
    (trace) => trace.with(3, { ...trace[3], version: 2 }),
    "event 4 is no trace event of version 1",
  ],
  ["no object", (trace) => trace.with(3, [] as object), "event 4 is no trace event of version 1"],
  ["a number left out", (trace) => trace.toSpliced(6, 1), "event 7 does not have the number 7"],
  ["a number twice", (trace) => trace.toSpliced(6, 0, trace[6] ?? {}), "event 8 does not have the number 8"],
  ["time that runs back", (trace) => trace.with(3, { ...trace[3], time_ns: 1 }), "event 4 has a time before"],
  [
    "time that is none",
    (trace) => trace.with(3, { ...trace[3], time_ns: Number.NaN }),
    "event 4 has a time before",
  ],
  ["no kind", (trace) => trace.with(6, { ...trace[6], kind: 7 }), "event 7 has no kind"],
  [
    "no data",
    (trace) => trace.with(6, { ...trace[6], data: null }),
    "event 7 is a `region_close_begin` with a bad `data`",
  ],
  ["bad data", (trace) => trace.with(6, { ...trace[6], data: { region: 1 } }), "bad `region`"],
  [
    "a bad word",
    (trace) => trace.with(2, { ...trace[2], data: { id: "x", what: "cat", of: "y" } }),
    "bad `what`",
  ],
  ["a bad number", (trace) => trace.with(1, { ...trace[1], data: { next: 0, head: "0" } }), "bad `next`"],
])("a trace with %s is no pass, whatever the rest says", (_, damage, problem) => {
  const { passed, clean, unreadable } = judgeTransfer(damage(traceOf(smallPull())), { name: "pull" });
  expect({ passed, clean }).toEqual({ passed: false, clean: false });
  expect(unreadable.join("\n")).toContain(problem);
});

test("damage makes clean checks inconclusive, and hides no violation", () => {
  const damaged = (steps: Step[]) =>
    judgeTransfer([...traceOf(steps), 7], { name: "pull", judged: "captured" });
  const words = ({ verdicts }: ReturnType<typeof damaged>) => verdicts.map(({ verdict }) => verdict);
  expect(words(damaged(smallPull()))).toEqual(["inconclusive", "pass", "inconclusive", "inconclusive"]);
  expect(words(damaged(without("commit")))).toEqual(["fail", "pass", "inconclusive", "inconclusive"]);
  expect(words(damaged(without("proof")))).toEqual(["inconclusive", "pass", "fail", "inconclusive"]);
  expect(damaged(without("proof")).results.map(({ oracle_name, passed }) => [oracle_name, passed])).toEqual([
    ["pull/closing", false],
  ]);
});

test("kinds that no transfer has are passed over, and problems are bounded", () => {
  const strange = { version: 1, seq: 21, time_ns: 1e9, kind: "poll", data: null };
  expect(judgeTransfer([...traceOf(smallPull()), strange], { name: "pull" }).passed).toBe(true);
  const { unreadable } = judgeTransfer(Array.from({ length: 1000 }), { name: "pull" });
  expect(unreadable).toHaveLength(21);
  expect(unreadable.at(-1)).toBe("and 980 more");
});

test("a trace survives its text, and its results go to the ledger", () => {
  const trace = traceOf(smallPull());
  for (const indent of [0, 2]) expect(readTrace(traceText(trace, indent))).toEqual(trace);
  const { results } = judgeTransfer(readTrace(traceText(trace)), { name: "pull", judged: "captured" });
  const ledger = evidenceLedger({
    results: results.map((result) => ({ result, artifactPath: "transfer.atp-trace" })),
  });
  expect(ledger.entries.map(({ oracle_name, timestamp }) => [oracle_name, timestamp])).toEqual([
    ["pull", 0],
    ["pull/closing", 1],
  ]);
});

test.each(["{}", "[", "7", '"x"'])("%s is no trace", (text) => {
  expect(() => readTrace(text)).toThrow(expect.objectContaining({ kind: "malformed" }));
});
