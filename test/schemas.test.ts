import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Json, type JsonObject, parseJson } from "../src/base/json.ts";
import type { SweepReport } from "../src/contracts/sweep-report.ts";
import {
  chaosEvidence,
  deathEvidence,
  packEvidence,
  proofEvidence,
  simEvidence,
  snapshotEvidence,
  sweepEvidence,
  traceEvidence,
} from "./support/evidence.ts";
import { needs } from "./support/needs.ts";
import { simSweep, sweepReport } from "./support/sweep-evidence.ts";
import { tempDir } from "./support/temp.ts";

// The published schemas against what apr really writes: they must accept it, know all of its keys, and need them.

const SCHEMAS = new URL("../schemas/", import.meta.url);

function schema(name: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`${name}.schema.json`, SCHEMAS), "utf8")) as JsonObject;
}

const compiled = new Map<string, ValidateFunction>();

/** Complaints; none for a document that the schema accepts. */
function complaints(name: string, document: unknown): readonly string[] {
  const validate =
    compiled.get(name) ??
    new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema(name));
  compiled.set(name, validate);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
}

function read(path: string): Json {
  return parseJson(readFileSync(path, "utf8"));
}

type Make = (folder: string) => Promise<Json>;
const WRITTEN: readonly (readonly [string, Make])[] = [
  ["chaos-report", async (folder) => read(join(await chaosEvidence(folder), "report.json"))],
  ["evidence-ledger", async (folder) => read(join(await packEvidence(folder), "evidence-ledger.json"))],
  ["evidence-ledger", async (folder) => read(join(await proofEvidence(folder), "evidence_ledger.json"))],
  ["trace", async (folder) => read(await traceEvidence(folder))],
  ["oom-report", async (folder) => read(await deathEvidence(folder))],
  ["oom-report", async (folder) => read(await snapshotEvidence(folder))],
  ["sweep-report", () => Promise.resolve(parseJson(sweepReport()))],
  ["sim-sweep", async (folder) => read(await simEvidence(folder))],
  ["sim-sweep", () => Promise.resolve(parseJson(simSweep()))],
];

test("a real sweep's report and its SARIF", async (context) => {
  needs(context, "strace");
  const { json, sarif } = await sweepEvidence(tempDir());
  expect(complaints("sweep-report", read(json))).toEqual([]);
  const report = read(json) as unknown as SweepReport;
  const failed = report.findings.flatMap(({ members }) => members.map(({ point }) => point));
  const named = [...failed, ...report.passed_points, ...report.unclear_points, ...report.unreached];
  // The matrix has each point once, and all that were tried.
  expect(new Set(named).size).toBe(named.length);
  expect(named).toHaveLength(report.counts.total - report.counts.not_tried);
  const own = JSON.parse(
    readFileSync(new URL("support/sarif.schema.json", import.meta.url), "utf8"),
  ) as JsonObject;
  const validate = new Ajv2020({ allErrors: true }).compile(own);
  const document = JSON.parse(readFileSync(sarif, "utf8")) as { runs: { results: { level: string }[] }[] };
  validate(document);
  expect(validate.errors).toBeNull();
  expect(document.runs[0]?.results.length).toBe(report.findings.length);
  for (const result of document.runs[0]?.results ?? []) result.level = "fatal";
  expect(validate(document)).toBe(false);
});

test.each(WRITTEN)(
  "%s: accepts what is written, and nothing with a key less or another type",
  async (name, make) => {
    const document = await make(tempDir());
    expect(complaints(name, document)).toEqual([]);
    const first = Array.isArray(document) ? (document[0] as JsonObject) : (document as JsonObject);
    const inPlace = (changed: JsonObject): unknown => (Array.isArray(document) ? [changed] : changed);
    const { required = [] } = (Array.isArray(document) ? schema(name)["items"] : schema(name)) as {
      required?: string[];
    };
    expect(required.length).toBeGreaterThan(4);
    for (const key of required) {
      const { [key]: _, ...less } = first;
      expect([key, complaints(name, inPlace(less)).length > 0]).toEqual([key, true]);
      const other = { ...first, [key]: { "": [true] } };
      if (key !== "tensor_histogram")
        expect([key, complaints(name, inPlace(other)).length > 0]).toEqual([key, key !== "data"]);
    }
    // A report of another tool may hold more than apr's.
    const more = complaints(name, inPlace({ ...first, unknown_key: 1 })).length > 0;
    expect(more).toBe(name !== "oom-report");
  },
);

test("every schema says what it is", () => {
  for (const file of readdirSync(SCHEMAS)) {
    const { $id, $schema, title } = JSON.parse(readFileSync(new URL(file, SCHEMAS), "utf8")) as JsonObject;
    const own = `urn:apr:${file.replace(".schema.json", "")}`;
    expect([$schema, $id ?? own]).toEqual(["https://json-schema.org/draft/2020-12/schema", own]);
    expect(title).toMatch(/^\S/);
  }
});
