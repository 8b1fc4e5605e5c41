import fc from "fast-check";
import { expect, test } from "vitest";
import { AgentProofError } from "./errors.ts";
import { readFacts } from "./facts.ts";

test("what a bundle has is read back as it was told", () => {
  const facts = {
    file_reservations: [{ path: "a", holder: "b", exclusive: true, reason: null }],
    remote_executions: [{ host: "h", argv: ["x", ""], exit_code: null, job: "7" }],
    not_validated: ["all"],
  };
  expect(readFacts(JSON.stringify(facts))).toEqual(facts);
  expect(readFacts("{}")).toEqual({ file_reservations: [], remote_executions: [], not_validated: [] });
});

test.each<[string, string]>([
  ["", "facts"],
  ["[]", "facts"],
  ['{"commands":[]}', "commands"],
  ['{"__proto__":[]}', "__proto__"],
  ['{"not_validated":{}}', "not_validated"],
  ['{"not_validated":["a",1]}', "not_validated.1"],
  ['{"file_reservations":[{"path":"a","holder":"b"}]}', "file_reservations.0.exclusive"],
  ['{"file_reservations":[{"holder":"b","exclusive":true}]}', "file_reservations.0.path"],
  ['{"remote_executions":[{"host":"h"}]}', "remote_executions.0.argv"],
  ['{"remote_executions":[{"host":"h","argv":[1]}]}', "remote_executions.0.argv.0"],
  ['{"remote_executions":[{"host":"h","argv":[],"exit_code":256}]}', "remote_executions.0.exit_code"],
  ['{"remote_executions":[{"host":"h","argv":[],"job":7}]}', "remote_executions.0.job"],
])("%s is refused, and its field named", (text, field) => {
  expect(() => readFacts(text)).toThrow(expect.objectContaining({ code: "bad-facts", field }));
});

test("nothing makes it fail in another way", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        readFacts(text);
      } catch (error) {
        expect(error).toBeInstanceOf(AgentProofError);
      }
    }),
  );
});
