import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { baselineExample, chaosExample, faultExample } from "../../test/support/chaos-report.ts";
import { needs } from "../../test/support/needs.ts";
import { chaosJunit } from "./junit.ts";

function validate(xml: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync("xmllint", ["--noout", "--schema", "test/support/junit.xsd", "-"], {
    input: xml,
    encoding: "utf8",
  });
  return { status, stderr };
}

const VALID = { status: 0, stderr: "- validates\n" };

test("one case for each fault and side, counted by verdict", (context) => {
  needs(context, "xmllint");
  const xml = chaosJunit(chaosExample());
  expect(validate(xml)).toEqual(VALID);
  expect(xml).toContain(
    `<testsuite name="cp {model} {out}" tests="10" failures="4" errors="0" skipped="2" time="2.345">`,
  );
  expect(xml.match(/<failure /g)).toHaveLength(4);
  expect(xml.match(/<skipped /g)).toHaveLength(2);
  expect(xml).toContain(
    `type="silent-overwrite">silent-overwrite\nreplaced an existing file without asking, exit 0`,
  );
  expect(xml).toContain("reproduce: timeout -s INT 0.02 cp tiny.gguf out.gguf");
});

test("a report without faults and a failed baseline are valid too", (context) => {
  needs(context, "xmllint");
  const xml = chaosJunit(
    chaosExample({
      model: null,
      faults: [],
      baseline: baselineExample({ exit_code: 1, stderr: "no such file <x>" }),
    }),
  );
  expect(validate(xml)).toEqual(VALID);
  expect(xml).toContain("<system-err>no such file &lt;x&gt;</system-err>");
});

test("the schema refuses what is not JUnit", (context) => {
  needs(context, "xmllint");
  const xml = chaosJunit(chaosExample());
  expect(validate(xml.replace("<testcase name=", "<testcase label=")).status).not.toBe(0);
  expect(validate(xml.replace(` failures="4"`, "")).status).not.toBe(0);
  expect(validate(xml.replace("</system-out>", "")).status).not.toBe(0);
});

test("any characters at all make well-formed, valid XML", (context) => {
  needs(context, "xmllint");
  const part = fc.oneof(
    fc.constantFrom(
      "]]>",
      "<",
      "&",
      '"',
      "\0",
      "\u001b",
      "\ud800",
      "\ufffe",
      "\uffff",
      "\u202e",
      "\r\n",
      "\u0085",
    ),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join("")),
      (text) => {
        const xml = chaosJunit(
          chaosExample({
            command: ["x", text.replaceAll("\0", "")],
            baseline: baselineExample({ exit_code: 1, stderr: text }),
            sandbox: { confined: false, notes: [text] },
            faults: [
              faultExample({
                title: text,
                happened: text,
                reproduce: text,
                contract: { verdict: "fail", reason: { code: text, text } },
                strict: { verdict: "inconclusive", reasons: [{ code: text }] },
              }),
            ],
          }),
        );
        expect(validate(xml)).toEqual(VALID);
      },
    ),
    { numRuns: 60 },
  );
});

test("a shell line reads back from the XML exactly", (context) => {
  needs(context, "xmllint");
  const line = `sh -c 'a < b && c > "d"' "]]>" \té 日本`;
  const xml = chaosJunit(chaosExample({ faults: [faultExample({ reproduce: line })] }));
  const { stdout } = spawnSync("xmllint", ["--xpath", "string(//testcase[1]/system-out)", "-"], {
    input: xml,
    encoding: "utf8",
  });
  expect(stdout).toBe(`reproduce: ${line}\n`);
});
