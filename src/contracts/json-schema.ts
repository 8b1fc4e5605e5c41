import { U64_MAX } from "../base/ints.ts";
import type { JsonObject } from "../base/json.ts";
import type { Contract, Field, FieldKind, Fields, Gate } from "./types.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

const KIND_SCHEMAS: Readonly<Record<FieldKind, JsonObject>> = {
  u64: { type: "integer", minimum: 0, maximum: U64_MAX },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  string: { type: "string" },
  strings: { type: "array", items: { type: "string" } },
  integers: { type: "array", items: { type: "integer" } },
  object: { type: "object" },
  objects: { type: "array", items: { type: "object" } },
  any: {},
};

/** JSON Schema (2020-12) of one gate's evidence. Write it with `stringifyJson`: it holds 2^64-1. */
export function gateSchema(gate: Gate): JsonObject {
  return { $schema: DIALECT, $id: `urn:apr:${gate.id}`, ...evidenceSchema(gate) };
}

/** JSON Schema (2020-12) of a contract's captured file: one evidence object under each gate's name. */
export function contractSchema(contract: Contract): JsonObject {
  return {
    $schema: DIALECT,
    $id: `urn:apr:${contract.id}`,
    title: contract.title,
    type: "object",
    properties: Object.fromEntries(contract.gates.map((gate) => [gate.name, evidenceSchema(gate)])),
  };
}

function evidenceSchema(gate: Gate): JsonObject {
  return { title: gate.id, description: gate.rule, ...objectSchema(gate.fields) };
}

function objectSchema(fields: Fields): JsonObject {
  const entries = Object.entries(fields);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, field]) => [name, fieldSchema(field)])),
    required: entries.filter(([, field]) => field.optional !== true).map(([name]) => name),
  };
}

function fieldSchema(field: Field): JsonObject {
  const plain = innerSchema(field);
  return field.nullable === true
    ? { description: field.about, anyOf: [plain, { type: "null" }] }
    : { description: field.about, ...plain };
}

function innerSchema(field: Field): JsonObject {
  if (field.fields === undefined) return KIND_SCHEMAS[field.kind];
  return field.kind === "objects"
    ? { type: "array", items: objectSchema(field.fields) }
    : objectSchema(field.fields);
}
