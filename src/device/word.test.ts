import fc from "fast-check";
import { expect, test } from "vitest";
import { AprError } from "../base/errors.ts";
import { parseDeviceWord } from "./word.ts";

/** The grammar as the contract writes it, kept here apart from the code's own. */
const GRAMMAR = /^(cpu|cuda(:[0-9]|:1[0-5])?|auto)$/;

const pieces = fc.constantFrom(
  "cpu",
  "cuda",
  "auto",
  ":",
  "0",
  "1",
  "5",
  "6",
  "9",
  "00",
  "-",
  " ",
  "\n",
  "A",
);
const nearly = fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join(""));

test("reads exactly what the grammar allows, and refuses every other string as a usage error", () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.oneof(nearly, fc.stringMatching(GRAMMAR), fc.string(), fc.string({ unit: "grapheme" })),
      (text) => {
        let kind: string;
        try {
          kind = parseDeviceWord(text).kind;
        } catch (error) {
          kind = error instanceof AprError ? error.kind : "bug";
        }
        accepted += kind === "usage" ? 0 : 1;
        expect(kind === "usage").toBe(!GRAMMAR.test(text));
        expect(kind).not.toBe("bug");
      },
    ),
    { numRuns: 5000 },
  );
  // A property over strings that are all refused would prove nothing.
  expect(accepted).toBeGreaterThan(1000);
});

test("the eighteen words and what they mean", () => {
  expect(parseDeviceWord("cpu")).toEqual({ kind: "cpu", word: "cpu" });
  expect(parseDeviceWord("auto")).toEqual({ kind: "auto", word: "auto" });
  expect(parseDeviceWord("cuda")).toEqual({ kind: "cuda", index: 0, word: "cuda" });
  for (let index = 0; index < 16; index++) {
    expect(parseDeviceWord(`cuda:${index}`)).toMatchObject({ kind: "cuda", index });
  }
});

test.each(["", "cuda:16", "cuda:", "cuda:01", "cuda:-1", "CUDA", "cuda:0\n", " cpu", "gpu", "cuda:1 "])(
  "%j is refused",
  (text) => expect(() => parseDeviceWord(text)).toThrow(AprError),
);
