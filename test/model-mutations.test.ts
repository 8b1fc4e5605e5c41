import { expect, test } from "vitest";
import { stringifyJson } from "../src/base/json.ts";
import { factsJson } from "../src/model/facts.ts";
import { inspectFolder } from "../src/model/folder.ts";
import { type InspectedFile, inspectFile } from "../src/model/inspect.ts";
import type { Refusal } from "../src/model/refusal.ts";
import { type ByteSource, sourceOfBytes } from "../src/model/source.ts";
import type { Tensor } from "../src/model/tensor.ts";
import { folderOf } from "./support/models/folder.ts";
import { writeGguf } from "./support/models/gguf.ts";
import { makeGguf, makeSafetensors } from "./support/models/make.ts";
import { mutate } from "./support/models/mutate.ts";
import { SeededRandom } from "./support/models/random.ts";
import { writeSafetensors } from "./support/models/safetensors.ts";

/** `APR_SEED=7 npx vitest run test/model-mutations.test.ts` makes another run; `APR_MUTATIONS` a longer one. */
const SEED = Number(process.env["APR_SEED"] ?? 1);
const SCALE = Number(process.env["APR_MUTATIONS"] ?? 120_000) / 120_000;

/** Changes to one base file before the next is made. */
const CHANGES_PER_FILE = 50;

/** No small file may take longer, milliseconds. A whole run's mean is 500 times less; the rest is the machine's. */
const MAX_MS = 2000;

/** The process may grow by this much over a whole run, bytes: nothing is allocated from a length in the file. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

/** Counts what is read: never past the end, and never more than a few times the file. */
function watched(bytes: Uint8Array): ByteSource & { readBytes: number } {
  const inner = sourceOfBytes(bytes);
  return {
    sizeBytes: bytes.length,
    readBytes: 0,
    read(offset, length) {
      if (offset < 0 || offset + length > bytes.length) throw new Error(`asks for ${length} at ${offset}`);
      this.readBytes += length;
      return inner.read(offset, length);
    },
  };
}

async function check(bytes: Uint8Array): Promise<"inspected" | Refusal["code"]> {
  const source = watched(bytes);
  const outcome = await inspectFile(source);
  expect(source.readBytes).toBeLessThanOrEqual(4 * bytes.length + 16);
  if (outcome.kind === "refused") {
    expect(outcome.message).not.toBe("");
    return outcome.code;
  }
  checkFacts(outcome, bytes.length);
  return outcome.kind;
}

/** What must hold of anything that is accepted, worked out in another way than the readers do. */
function checkFacts({ facts, tensors }: InspectedFile, sizeBytes: number): void {
  expect(stringifyJson(factsJson(facts))).toContain('"format"');
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  expect(facts.tensor_count).toBe(tensors.length);
  const owner = new Map<number, Tensor>();
  for (const tensor of tensors) {
    expect(tensor.offset).toBeGreaterThanOrEqual(Number(facts.header_bytes));
    expect(tensor.offset + tensor.sizeBytes).toBeLessThanOrEqual(sizeBytes);
    expect(tensor.shape.reduce((product: bigint, size) => product * BigInt(size), 1n)).toBe(
      BigInt(tensor.items),
    );
    for (let at = tensor.offset; at < tensor.offset + tensor.sizeBytes; at++) {
      if (owner.has(at)) throw new Error(`${tensor.name} overlaps ${owner.get(at)?.name}`);
      owner.set(at, tensor);
    }
  }
  if (facts.format === "safetensors") expect(owner.size).toBe(sizeBytes - Number(facts.header_bytes));
}

/** Runs `count` mutations and says how they ended. A failure's seed is in its message. */
async function run(
  count: number,
  make: (random: SeededRandom) => Uint8Array,
  judge: (bytes: Uint8Array) => Promise<string>,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const before = process.memoryUsage.rss();
  let other = make(new SeededRandom(SEED));
  for (let done = 0; done < count; ) {
    const fileSeed = SEED * 1_000_003 + done;
    const file = make(new SeededRandom(fileSeed));
    const random = new SeededRandom(fileSeed + 7);
    for (let change = 0; change < CHANGES_PER_FILE && done < count; change++, done++) {
      const bytes = mutate(random, file, other);
      const started = performance.now();
      try {
        const outcome = await judge(bytes);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      } catch (error) {
        throw new Error(`APR_SEED=${SEED}, mutation ${done}: ${Buffer.from(bytes).toString("base64")}`, {
          cause: error,
        });
      }
      expect(performance.now() - started, `APR_SEED=${SEED}, mutation ${done}`).toBeLessThan(MAX_MS);
    }
    other = file;
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
  return outcomes;
}

const total = (outcomes: Record<string, number>): number =>
  Object.values(outcomes).reduce((sum, n) => sum + n, 0);

test("mutated GGUF files end in facts or a refusal", async () => {
  const outcomes = await run(60_000 * SCALE, (random) => writeGguf(makeGguf(random)), check);
  process.stdout.write(`GGUF, seed ${SEED}: ${total(outcomes)} mutations ${JSON.stringify(outcomes)}\n`);
  expect(outcomes["inspected"]).toBeGreaterThan(100);
  expect(Object.keys(outcomes).length).toBeGreaterThan(8);
});

test("mutated safetensors files end in facts or a refusal", async () => {
  const make = (random: SeededRandom): Uint8Array =>
    writeSafetensors(makeSafetensors(random), random.chance(2) ? { format: "pt" } : undefined);
  const outcomes = await run(50_000 * SCALE, make, check);
  process.stdout.write(
    `safetensors, seed ${SEED}: ${total(outcomes)} mutations ${JSON.stringify(outcomes)}\n`,
  );
  expect(outcomes["inspected"]).toBeGreaterThan(100);
  expect(Object.keys(outcomes).length).toBeGreaterThan(8);
});

test("mutated indexes end in facts or a refusal", async () => {
  const shard = "model-00001-of-00001.safetensors";
  const tensors = [{ name: "a", dtype: "U8", shape: [1], sizeBytes: 1 }];
  const index = { metadata: { total_size: 1 }, weight_map: { a: shard } };
  const outcomes = await run(
    10_000 * SCALE,
    () => new Uint8Array(Buffer.from(JSON.stringify(index))),
    async (bytes) => {
      const files = { [shard]: writeSafetensors(tensors), "model.safetensors.index.json": bytes };
      const outcome = await inspectFolder(folderOf(files));
      return outcome.kind === "refused" ? outcome.code : outcome.kind;
    },
  );
  process.stdout.write(`index, seed ${SEED}: ${total(outcomes)} mutations ${JSON.stringify(outcomes)}\n`);
  expect(Object.keys(outcomes).length).toBeGreaterThan(4);
});

test("unchanged files are accepted", async () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = new SeededRandom(seed);
    expect(await check(writeGguf(makeGguf(random))), `GGUF, seed ${seed}`).toBe("inspected");
    expect(await check(writeSafetensors(makeSafetensors(random))), `safetensors, seed ${seed}`).toBe(
      "inspected",
    );
  }
});
