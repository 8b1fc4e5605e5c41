import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Json, JsonNumber, type JsonObject, parseJson } from "../src/base/json.ts";
import { judgeGate } from "../src/contracts/judge.ts";
import { findGate } from "../src/contracts/registry.ts";

interface Vector {
  readonly gate: string;
  readonly evidence: Json;
  readonly expect: JsonObject;
}

const path = new URL("./vectors/gates.jsonl", import.meta.url);
const text = readFileSync(path, "utf8");
const vectors = text
  .trimEnd()
  .split("\n")
  .map((line) => parseJson(line) as unknown as Vector);

/** `-1.0` in a vector and `-1` in a verdict are the same value. */
function plain(value: Json): Json {
  if (value instanceof JsonNumber) return Number(value.text);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

test("there are 150 vectors", () => {
  expect(vectors).toHaveLength(150);
});

test.each(vectors.map((vector, index) => [index + 1, vector.gate, vector] as const))(
  "vector %i, %s",
  (_number, id, vector) => {
    const gate = findGate(id);
    if (gate === undefined) throw new Error(`no gate ${id}`);
    const { verdict, reason, yields } = judgeGate(gate, vector.evidence, "captured");
    expect({ verdict, reason, ...yields }).toEqual(plain(vector.expect));
  },
);

test("apr lint --batch gives every vector's verdict, in order", () => {
  const apr = new URL("../dist/apr.cjs", import.meta.url).pathname;
  const done = spawnSync(process.execPath, [apr, "lint", "--batch", "-"], { input: text, encoding: "utf8" });
  expect(done.stderr).toBe("");
  expect(done.status).toBe(5);
  const lines = done.stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(vectors.length);
  for (const [index, line] of lines.entries()) {
    const vector = vectors[index] as Vector;
    expect(plain(parseJson(line)), `vector ${index + 1}`).toEqual({
      gate: vector.gate,
      judged: "captured",
      ...(plain(vector.expect) as JsonObject),
    });
  }
});
