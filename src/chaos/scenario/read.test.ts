import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Json } from "../../base/json.ts";
import { FAULT_NAMES } from "../sweep/names.ts";
import { readScenario } from "./read.ts";

const schema = JSON.parse(readFileSync("schemas/scenario.schema.json", "utf8")) as object;
const accepts = new Ajv2020({ allErrors: false }).compile(schema);

const ONE = { command: "cp {model} {out}" };
const KNOWN = { finding: "partial output: SIGTERM", reason: "cp keeps it", until: "2027-03-31" };

function scenario(subject: Json): Json {
  return { version: 1, subjects: [subject] };
}

describe("what is read, the schema accepts too", () => {
  test.each<[string, Json]>([
    ["a command line", ONE],
    ["words", { command: ["cp", "{model}", "{out}"], model: "m.bin" }],
    ["a made model", { ...ONE, model: { size: "64KiB" } }],
    [
      "everything",
      {
        ...{
          name: "cp",
          command: "cp {model} {out}",
          setup: "true",
          model: "m",
          output: "{out}",
          state: "{tmp}/s",
        },
        ...{ check: "true", faults: ["ENOSPC", "fd-limit"], budget: "none", timeout: "5s" },
        ...{ sample: { points: 10, seed: 3 }, expect: { verdict: "fail", fired: 20 }, known: [KNOWN] },
      },
    ],
  ])("%s", (_, subject) => {
    expect(accepts(scenario(subject))).toBe(true);
    expect(readScenario(scenario(subject)).subjects).toHaveLength(1);
  });
});

describe("what is refused is refused with its place, and by the schema", () => {
  test.each<[Json, string]>([
    ["text", " must be a mapping"],
    [{ version: 2, subjects: [ONE] }, "version must be 1"],
    [{ version: 1 }, "subjects must be a list"],
    [{ version: 1, subjects: [] }, "subjects must be a list with at least one command"],
    [{ version: 1, subjects: [ONE], more: 1 }, "more must be one of version, subjects"],
    [scenario({ name: "x" }), "subjects[0].command must be a text"],
    [scenario({ command: "" }), "subjects[0].command must be a text"],
    [scenario({ command: [] }), "subjects[0].command must be a command"],
    [scenario({ command: [1] }), "subjects[0].command[0] must be a text"],
    [scenario({ ...ONE, modle: "m" }), "subjects[0].modle must be one of name, command"],
    [scenario({ ...ONE, model: { size: 5 } }), "subjects[0].model.size must be a text"],
    [scenario({ ...ONE, budget: "soon" }), "subjects[0].budget: not a duration"],
    [scenario({ ...ONE, faults: ["ENOFUN"] }), "no such fault: ENOFUN"],
    [scenario({ ...ONE, sample: {} }), "subjects[0].sample.points must be a whole number from 1"],
    [scenario({ ...ONE, expect: { verdict: "maybe" } }), "subjects[0].expect.verdict must be pass, fail"],
    [scenario({ ...ONE, known: [{ ...KNOWN, until: "soon" }] }), "subjects[0].known[0].until must be a day"],
    [
      scenario({ ...ONE, known: [{ finding: "x", until: "2027-01-01" }] }),
      "subjects[0].known[0].reason must be a text",
    ],
  ])("%j", (document, message) => {
    expect(() => readScenario(document)).toThrow(message);
    expect(accepts(document)).toBe(false);
  });

  test("what no schema can say", () => {
    const late = { ...KNOWN, until: "2027-02-30" };
    expect(() => readScenario(scenario({ ...ONE, known: [late] }))).toThrow("must be a day");
    expect(() => readScenario({ version: 1, subjects: [ONE, ONE] })).toThrow("is there twice");
    expect(() => readScenario(scenario({ command: "cp 'x" }))).toThrow("subjects[0].command: unclosed quote");
  });
});

test("the schema knows every fault", () => {
  const { $defs } = schema as {
    $defs: { subject: { properties: { faults: { items: { enum: string[] } } } } };
  };
  expect($defs.subject.properties.faults.items.enum).toEqual(FAULT_NAMES);
});
