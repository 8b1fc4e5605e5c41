import { expect, test } from "vitest";
import { expandCommand, parseTemplate, uses } from "./template.ts";

const bindings = { model: "/s/model/m", out: "/s/out/out", tmp: "/s/tmp", force: "" };

test.each<[string[], string[]]>([
  [
    ["cp", "{model}", "{out}"],
    ["cp", "/s/model/m", "/s/out/out"],
  ],
  [
    ["x", "--o={out}.gz", "{{model}}", "}}{{", "a{b c}"],
    ["x", "--o=/s/out/out.gz", "{model}", "}{", "a{b c}"],
  ],
  [
    ["x", "", "{tmp}/{model}"],
    ["x", "", "/s/tmp//s/model/m"],
  ],
  [
    ["x", "{force}", "y"],
    ["x", "y"],
  ],
  [
    ["x", "-{force}"],
    ["x", "-"],
  ],
])("%j becomes %j", (command, argv) => {
  expect(expandCommand(parseTemplate(command, undefined), bindings)).toEqual(argv);
});

test("a force flag takes its place, or the end", () => {
  const forced = { ...bindings, force: "-f" };
  expect(expandCommand(parseTemplate(["x", "{force}", "y"], undefined), forced)).toEqual(["x", "-f", "y"]);
  expect(expandCommand(parseTemplate(["x", "y"], undefined), forced)).toEqual(["x", "y", "-f"]);
});

test("what is bound is never read as a template again", () => {
  const odd = { ...bindings, model: "/s/model/{out} $(x)" };
  expect(expandCommand(parseTemplate(["cp", "{model}"], undefined), odd)).toEqual([
    "cp",
    "/s/model/{out} $(x)",
  ]);
});

test.each([["{oot}"], ["a{Model}"], ["{}{x}"]])("unknown placeholder in %s", (word) => {
  expect(() => parseTemplate(["x", word], undefined)).toThrow("unknown placeholder");
});

test("the output is what follows the start of {out} in its word; two need --output", () => {
  const named = parseTemplate(["x", "--o={out}.gz", "y={out}.gz"], undefined);
  expect(named.output).toEqual([{ placeholder: "out" }, { text: ".gz" }]);
  expect(() => parseTemplate(["x", "{out}.a", "{out}.b"], undefined)).toThrow("more than one output");
  expect(parseTemplate(["x", "{out}.a", "{out}.b"], "{out}.b").output).toHaveLength(2);
  expect(parseTemplate(["x"], undefined).output).toBeNull();
});

test("the state is what its flag says, and names no output", () => {
  const template = parseTemplate(["x"], undefined, "{out}.part");
  expect(template).toMatchObject({ output: null, state: [{ placeholder: "out" }, { text: ".part" }] });
  expect(() => parseTemplate(["x"], undefined, "{oot}")).toThrow("unknown placeholder");
});

test("uses looks at the output and the state, too", () => {
  expect(uses(parseTemplate(["x"], "{model}.gz"), "model")).toBe(true);
  expect(uses(parseTemplate(["x"], undefined, "{model}.part"), "model")).toBe(true);
  expect(uses(parseTemplate(["x"], undefined), "model")).toBe(false);
});

test("an empty command is refused", () => {
  expect(() => expandCommand(parseTemplate(["{force}"], undefined), bindings)).toThrow(
    "the command is empty",
  );
});
