import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SeededRandom } from "./support/models/random.ts";
import { needs } from "./support/needs.ts";
import { canonicalOf, sha256 } from "./support/oom/canonical.ts";
import { mutatePickle } from "./support/oom/mutate.ts";
import { madeByPython, readByPython } from "./support/oom/oracle.ts";

/** `APR_SEED=7 npx vitest run test/oom-pickle.test.ts` makes another run; `APR_MUTATIONS` a longer one. */
const SEED = Number(process.env["APR_SEED"] ?? 1);
const MUTATIONS = Number(process.env["APR_MUTATIONS"] ?? 100_000);

/** Larger cases are read as they are, not mutated. */
const MAX_MUTATED_BYTES = 1600;

/** The process may grow by this much over all mutations, KiB. */
const MAX_GROWTH_KIB = 512 * 1024;

const MOSAIC = "test/fixtures/oom/mosaic-synthetic.pickle";

test("every snapshot has the value that Python gives it, in pieces of any size", (context) => {
  needs(context, "python3");
  const cases = new Map([...madeByPython(), ["mosaic", readFileSync(MOSAIC)]]);
  const pickles = [...cases.values()];
  const expected = readByPython(pickles);
  expect(cases.size).toBeGreaterThan(100);
  expect(expected).not.toContain("error");
  for (const [index, [name, bytes]] of [...cases].entries()) {
    const pieces = [bytes.length, bytes.length < 10_000 ? 1 : 997];
    for (const pieceBytes of pieces) {
      const text = canonicalOf(bytes, pieceBytes);
      expect({ name, pieceBytes, digest: text === null ? null : sha256(text) }).toEqual({
        name,
        pieceBytes,
        digest: expected[index],
      });
    }
  }
});

test(`of ${MUTATIONS} mutated snapshots each is refused, or has the value that Python gives it`, (context) => {
  needs(context, "python3");
  const bases = [...madeByPython().values()].filter(({ length }) => length <= MAX_MUTATED_BYTES);
  expect(bases.length).toBeGreaterThan(40);
  const random = new SeededRandom(SEED);
  const pick = (): Buffer => bases[random.below(bases.length)] as Buffer;
  const startKib = process.resourceUsage().maxRSS;
  const accepted: Buffer[] = [];
  const ours: string[] = [];
  for (let index = 0; index < MUTATIONS; index++) {
    const bytes = mutatePickle(random, pick(), pick());
    const text = canonicalOf(bytes);
    if (text === null) continue;
    accepted.push(bytes);
    ours.push(sha256(text));
  }
  expect(process.resourceUsage().maxRSS - startKib).toBeLessThan(MAX_GROWTH_KIB);
  // Many changes hit a number or a letter only: if nothing were accepted, nothing would be compared.
  expect(accepted.length).toBeGreaterThan(MUTATIONS / 20);
  expect(accepted.length).toBeLessThan(MUTATIONS);
  const theirs = readByPython(accepted);
  const differing = accepted.filter((_, index) => ours[index] !== theirs[index]);
  const first = differing[0]?.toString("base64");
  expect({ seed: SEED, accepted: accepted.length, differing: differing.length, first }).toMatchObject({
    differing: 0,
  });
});
