import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Json, type JsonObject, JsonNumber, parseJson, stringifyJson } from "../base/json.ts";
import { contractSchema, gateSchema } from "./json-schema.ts";
import { COMMON_CODES, judgeContract, judgeGate, overall } from "./judge.ts";
import { contracts, findContract, findGate } from "./registry.ts";
import type { Contract, Gate } from "./types.ts";

const gates = contracts.flatMap((contract) => contract.gates);

describe("the registry", () => {
  test("has the five contracts", () => {
    expect(contracts.map(({ id }) => id)).toEqual([
      "crux-f-13",
      "apr-qa-chaos-v1",
      "crux-a-11",
      "gputrain-007",
      "atp-transfer",
    ]);
    expect(findContract("crux-a-11")?.title).toBe("Copy a model tag");
    expect(findContract("crux")).toBeUndefined();
  });

  test.each(gates.map((gate) => [gate.id, gate] as const))("%s is well described", (id, gate) => {
    expect(id).toBe(`${gate.contract}/${gate.name}`);
    expect(gate.origin === "strict").toBe(gate.name.startsWith("APR-"));
    expect(gate.rule).toMatch(/^[A-Z`][^\n]*\.$/);
    expect(gate.codes.length).toBeGreaterThan(0);
    expect(gate.codes.filter((code) => COMMON_CODES.includes(code))).toEqual([]);
    for (const { about } of Object.values(gate.fields)) expect(about).toMatch(/^[^\n]+\.$/);
    expect(findGate(id)).toBe(gate);
    expect(findGate(gate.name)).toBe(gate);
  });

  test("an unknown gate is not found", () => {
    expect(findGate("nothing")).toBeUndefined();
    expect(findGate("crux-f-13")).toBeUndefined();
    expect(findGate("constructor")).toBeUndefined();
  });

  test.each(contracts.map((contract) => [contract.id, contract] as const))(
    "in %s every forerunner comes first",
    (_id, contract) => {
      for (const [index, gate] of contract.gates.entries()) {
        const before = contract.gates.slice(0, index).map(({ name }) => name);
        expect(gate.after.filter((name) => !before.includes(name))).toEqual([]);
      }
    },
  );

  test("gates of the chaos and the version contract are live, others are captured", () => {
    const live: Readonly<Record<string, string>> = {
      "apr-qa-chaos-v1": "apr qa chaos",
      "gputrain-007": "apr devices",
    };
    for (const { contract, liveIn } of gates) expect(liveIn).toBe(live[contract] ?? null);
  });
});

describe("judging", () => {
  const strange: Json[] = [
    null,
    true,
    3,
    2n ** 70n,
    new JsonNumber("1.0"),
    "x",
    [],
    [1],
    {},
    { report: null },
  ];
  test.each(gates.map((gate) => [gate.id, gate] as const))("%s answers for any value", (_id, gate) => {
    for (const evidence of strange) {
      const { verdict, reason } = judgeGate(gate, evidence, "captured");
      expect(verdict === "pass").toBe(reason === null);
      if (reason !== null) expect([...gate.codes, ...COMMON_CODES]).toContain(reason.code);
    }
  });

  test("an empty contract proves nothing", () => {
    const nothing: Contract = { id: "x", version: "1", title: "x", gates: [] };
    expect(overall(judgeContract(nothing, {}, "captured"))).toBe("inconclusive");
  });

  test.each([
    [["pass", "pass"], "pass"],
    [["pass", "inconclusive"], "inconclusive"],
    [["inconclusive", "fail"], "fail"],
  ] as const)("%j together: %s", (words, expected) => {
    expect(overall(words.map((verdict) => ({ verdict })))).toBe(expected);
  });
});

interface Vector {
  readonly gate: string;
  readonly evidence: JsonObject;
}

describe("JSON Schema", () => {
  const vectors = readFileSync(new URL("../../test/vectors/gates.jsonl", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Vector);
  const compile = (schema: JsonObject): ((value: unknown) => boolean) => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
      JSON.parse(stringifyJson(schema)) as object,
    );
    return (value) => validate(value) === true;
  };

  test.each(gates.map((gate): [string, Gate] => [gate.id, gate]))("%s: its vectors are valid", (id, gate) => {
    const valid = compile(gateSchema(gate));
    const own = vectors.filter((vector) => vector.gate === id);
    if (gate.origin === "seed") expect(own.length).toBeGreaterThan(0);
    for (const { evidence } of own) expect(valid(evidence)).toBe(true);
    expect(valid([])).toBe(false);
    const [field] = Object.entries(gate.fields).filter(([, { optional }]) => optional !== true);
    if (field !== undefined) expect(valid({})).toBe(false);
  });

  test.each(contracts.map((contract): [string, Contract] => [contract.id, contract]))(
    "%s: evidence under its gates' names is valid",
    (_id, contract) => {
      const valid = compile(contractSchema(contract));
      const document: Record<string, Json> = {};
      for (const { gate, evidence } of vectors) {
        if (findGate(gate)?.contract === contract.id) document[gate.split("/")[1] ?? ""] = evidence;
      }
      expect(valid(document)).toBe(true);
      expect(valid({ [contract.gates[0]?.name ?? ""]: 1 })).toBe(false);
    },
  );

  test("the bound of a 64-bit field is written exactly", () => {
    const gate = findGate("F-CHAOS-001");
    const text = gate === undefined ? "" : stringifyJson(gateSchema(gate));
    expect(text).toContain('"maximum":18446744073709551615');
    expect(parseJson(text)).toHaveProperty("properties.peak_rss_bytes.maximum", 2n ** 64n - 1n);
  });
});
