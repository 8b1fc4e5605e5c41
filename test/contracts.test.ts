import { expect, test } from "vitest";
import { contracts } from "../src/index.ts";
import { apr } from "./support/cli.ts";

test("every contract and gate has its line", async () => {
  const { code, stdout } = await apr(["contracts"]);
  expect(code).toBe(0);
  for (const { id, title, gates } of contracts) {
    expect(stdout).toContain(`${id} version 1: ${title}\n`);
    for (const { name, origin, rule } of gates) {
      expect(stdout).toMatch(new RegExp(`\n  ${name} +${origin} +(live|captured) +`));
      expect(stdout).toContain(rule);
    }
  }
});

test("a gate is shown whole", async () => {
  const { code, stdout } = await apr(["contracts", "F-CHAOS-003"]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      "apr-qa-chaos-v1/F-CHAOS-003  (seed; captured files, and live in apr qa chaos)",
      "  Interrupted: the program exits 130 within 2 seconds and leaves no corrupt cache.",
      "  - exit_code: integer. Exit code; 128+N for a program that signal N ended.",
      "  - response_time_ms: u64. Time from the signal to the program's end, milliseconds.",
      "  - cache_corrupt: boolean. What the program had cached no longer reads.",
      "  codes: wrong-exit-code, slow-response, corrupt-cache, missing-evidence, malformed-evidence, forerunner-failed",
      "",
    ].join("\n"),
  );
});

test("a contract is shown with all its gates", async () => {
  const { stdout } = await apr(["contracts", "crux-f-13"]);
  expect(stdout).toContain("crux-f-13/invariants  (seed; captured files only)");
  expect(stdout).toContain("  after: schema");
  expect(stdout).toContain("    - mode: integer.");
});

test("--json gives the same as data", async () => {
  const all = (await apr(["contracts", "--json"])).json() as {
    contracts: { id: string; gates: unknown[] }[];
  };
  expect(all.contracts.map(({ id, gates }) => [id, gates.length])).toEqual(
    contracts.map(({ id, gates }) => [id, gates.length]),
  );
  expect((await apr(["contracts", "crux-f-13/size", "--json"])).json()).toMatchObject({
    id: "crux-f-13/size",
    origin: "seed",
    live_in: null,
    fields: { bytes: { kind: "u64", optional: false } },
  });
});

test.each(["F-CHAOS-001", "apr-qa-chaos-v1"])("%s --schema is a JSON Schema", async (id) => {
  for (const flags of [["--schema"], ["--schema", "--json"]]) {
    const { code, stdout, json } = await apr(["contracts", id, ...flags]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
    expect(stdout).toContain("18446744073709551615");
  }
});

test.each([[["nothing"]], [["--schema"]], [["a", "b"]]])("%j is a usage error", async (words) => {
  const { code, stdout, stderr } = await apr(["contracts", ...words]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^apr: /);
  const asJson = await apr(["contracts", ...words, "--json"]);
  expect({ code: asJson.code, document: asJson.json() }).toMatchObject({
    code: 2,
    document: { error: { kind: "usage", exit_code: 2 } },
  });
});
