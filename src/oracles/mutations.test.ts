import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ChunkStory,
  generateTransfer,
  type TransferShape,
} from "../../test/support/oracles/generate.ts";
import { mustPrecede } from "../../test/support/oracles/order.ts";
import { type Step, traceOf } from "../../test/support/oracles/trace.ts";
import { judgeTransfer } from "./judge.ts";

const shapes: fc.Arbitrary<TransferShape> = fc.record({
  blobs: fc.array(
    fc.array(fc.constantFrom<ChunkStory>("done", "retried", "raced", "repaired"), {
      minLength: 1,
      maxLength: 4,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  push: fc.boolean(),
  ownManifest: fc.boolean(),
  drop: fc.boolean(),
  order: fc.nat(),
});

function passes(steps: readonly Step[]): boolean {
  return judgeTransfer(traceOf(steps), { name: "pull" }).passed;
}

/** Kinds whose loss alone changes nothing that the rules ask for. */
const HARMLESS_TO_LOSE: ReadonlySet<string> = new Set([
  ...["region_close_begin", "region_cancelled", "cancel", "path_dropped", "exposed", "message"],
]);

/** Kinds of which a second copy, right after the first, says nothing new. */
const HARMLESS_TO_REPEAT: ReadonlySet<string> = new Set([
  ...["region_close_begin", "region_cancelled", "cancel", "path_dropped", "repair", "message"],
  ...["journal_opened", "manifest", "hashed", "exposed", "proof", "published"],
]);

function isHarmlessToLose(steps: readonly Step[], index: number): boolean {
  const [kind, data] = steps[index] as Step;
  if (HARMLESS_TO_LOSE.has(kind)) return true;
  const later = steps.slice(index + 1);
  // The last record of a journal is not missed, a hash that was found wrong was taken again, and only the last
  // manifest before the publication counts.
  if (kind === "checkpoint" || kind === "manifest")
    return !later.some(([other]) => other === kind) === (kind === "checkpoint");
  return kind === "hashed" && data.expected !== data.actual;
}

test("a sound transfer passes all eight checks", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { violations, verdict, checks, clean } = judgeTransfer(traceOf(generateTransfer(shape)), {
        name: "pull",
      });
      expect({ violations, verdict, checks, clean }).toEqual({
        violations: [],
        verdict: "pass",
        checks: 8,
        clean: true,
      });
    }),
  );
});

test("an event that is lost is caught, unless the rules ask nothing of it", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const steps = generateTransfer(shape);
      for (const index of steps.keys()) {
        const without = steps.toSpliced(index, 1);
        expect([steps[index], passes(without)]).toEqual([steps[index], isHarmlessToLose(steps, index)]);
      }
    }),
    { numRuns: 40 },
  );
});

test("an event that stands twice is caught, unless it says nothing new", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const steps = generateTransfer(shape);
      for (const [index, step] of steps.entries()) {
        const twice = steps.toSpliced(index, 0, step);
        expect([step, passes(twice)]).toEqual([step, HARMLESS_TO_REPEAT.has(step[0])]);
      }
    }),
    { numRuns: 40 },
  );
});

test("an event in another place is caught exactly when it passes one that it must not pass", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.nat(), (shape, one, other) => {
      const steps = generateTransfer(shape);
      const [from, to] = [one % steps.length, other % steps.length];
      const moved = steps[from] as Step;
      const passed = to > from ? steps.slice(from + 1, to + 1) : steps.slice(to, from);
      const breaks = passed.some((each) => (to > from ? mustPrecede(moved, each) : mustPrecede(each, moved)));
      expect(passes(steps.toSpliced(from, 1).toSpliced(to, 0, moved))).toBe(!breaks);
    }),
    { numRuns: 3000 },
  );
});

test("without new numbers every loss, repetition and change of place shows", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.nat(), (shape, one, other) => {
      const trace = traceOf(generateTransfer(shape));
      const [from, to] = [one % (trace.length - 1), other % trace.length];
      const event = trace[from] as (typeof trace)[number];
      const broken = [trace.toSpliced(from, 1), trace.toSpliced(from, 0, event)];
      if (from !== to) broken.push(trace.toSpliced(from, 1).toSpliced(to, 0, event));
      for (const each of broken) {
        const { passed, clean, unreadable } = judgeTransfer(each, { name: "pull" });
        expect({ passed, clean }).toEqual({ passed: false, clean: false });
        expect(unreadable.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 200 },
  );
});

test("no input makes it throw, and none that is no trace passes", () => {
  const data = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...FIELD_NAMES), fc.jsonValue()));
  const event = fc.record(
    {
      version: fc.oneof(fc.constant(1), fc.jsonValue()),
      seq: fc.oneof(fc.nat(20), fc.jsonValue()),
      time_ns: fc.oneof(fc.nat(), fc.double(), fc.jsonValue()),
      kind: fc.oneof(fc.constantFrom(...KINDS), fc.jsonValue()),
      data,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(event, fc.anything())), (trace) => {
      expect(judgeTransfer(trace, { name: "pull" }).passed).toBe(false);
    }),
    { numRuns: 500 },
  );
});

const KINDS = [
  "spawn",
  "complete",
  "reserve",
  "commit",
  "hashed",
  "proof",
  "published",
  "manifest",
  "checkpoint",
  "__proto__",
];
const FIELD_NAMES = [
  "task",
  "region",
  "id",
  "blob",
  "digest",
  "expected",
  "actual",
  "seq",
  "prev",
  "hash",
  "__proto__",
];
