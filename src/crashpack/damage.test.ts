import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { builderOf, vectorInput } from "../../test/support/crashpack/pack.ts";
import { tempDir } from "../../test/support/temp.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { examineCrashpack } from "./examine.ts";
import { readCrashpack } from "./read.ts";

const ALL = [
  ...["SHA256SUMS", "evidence-ledger.json", "journal", "journal.digest", "manifest", "pathlog", "quiclog"],
  ...["repairlog", "replay_command.sh", "stderr-ü.txt", "stderr.txt", "transfer.atp-trace", "with space.log"],
];

async function writtenPack(): Promise<string> {
  const dir = `${tempDir()}/pack`;
  await builderOf(vectorInput("violations")).build().emitAtpTrace(nodeStoreWorld, dir);
  return dir;
}

type Damage = "flip" | "insert" | "delete" | "truncate";

function damaged(bytes: Buffer, how: Damage, at: number, byte: number): Buffer {
  const rest = bytes.subarray(at + 1);
  switch (how) {
    case "flip":
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([(bytes[at] ?? 0) ^ (byte || 1)]), rest]);
    case "insert":
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
    case "delete":
      return Buffer.concat([bytes.subarray(0, at), rest]);
    case "truncate":
      return bytes.subarray(0, at);
  }
}

async function expectNamed(dir: string, file: string, what: string): Promise<void> {
  const { disagreements } = await examineCrashpack(nodeStoreWorld, dir);
  const named = disagreements.map(({ file: one, other }) => [one, other]);
  expect(
    named.some((pair) => pair.includes(file)),
    `${what}: ${JSON.stringify(disagreements)}`,
  ).toBe(true);
  const error: unknown = await readCrashpack(nodeStoreWorld, dir).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "files-disagree", kind: "malformed" });
  expect((error as { readonly files: readonly string[] }).files, what).toContain(file);
}

test("a sound pack is whole, and its files are those of the format", async () => {
  const dir = await writtenPack();
  expect(readdirSync(dir).sort()).toEqual(ALL.sort());
  const { disagreements, events, files, facts } = await examineCrashpack(nodeStoreWorld, dir);
  expect({ disagreements, events, files }).toEqual({ disagreements: [], events: 7, files: ALL.length });
  expect(facts?.oracle_results).toHaveLength(2);
});

test.each(ALL)(
  "every byte of %s that is flipped, dropped or added is found, and the file named",
  async (file) => {
    const dir = await writtenPack();
    const sound = readFileSync(`${dir}/${file}`);
    const places = fc.record({
      how: fc.constantFrom<Damage>("flip", "insert", "delete", "truncate"),
      at: fc.nat({ max: Math.max(0, sound.length - 1) }),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(places, async ({ how, at, byte }) => {
        const bytes = damaged(sound, how, at, byte);
        fc.pre(!bytes.equals(sound));
        writeFileSync(`${dir}/${file}`, bytes);
        await expectNamed(dir, file, `${how} at ${at}, byte ${byte}`);
      }),
      { numRuns: 150 },
    );
  },
);

// Sums that agree again find the change all the same: the files are checked against each other.
test.each(ALL.filter((file) => file !== "SHA256SUMS" && !/stderr|space/.test(file)))(
  "a change of %s is found even where SHA256SUMS was made anew",
  async (file) => {
    const dir = await writtenPack();
    const sound = readFileSync(`${dir}/${file}`);
    const sums = readFileSync(`${dir}/SHA256SUMS`, "utf8");
    const hexOf = (bytes: Buffer): string => {
      const hasher = nodeStoreWorld.hash.sha256();
      hasher.update(bytes);
      return hasher.hex();
    };
    const places = fc.record({
      how: fc.constantFrom<Damage>("flip", "insert", "delete", "truncate"),
      at: fc.nat({ max: sound.length - 1 }),
      byte: fc.integer({ min: 0x20, max: 0x7e }),
    });
    const unseen: string[] = [];
    await fc.assert(
      fc.asyncProperty(places, async ({ how, at, byte }) => {
        const bytes = damaged(sound, how, at, byte);
        fc.pre(!bytes.equals(sound));
        writeFileSync(`${dir}/${file}`, bytes);
        writeFileSync(`${dir}/SHA256SUMS`, sums.replace(hexOf(sound), hexOf(bytes)));
        const { disagreements } = await examineCrashpack(nodeStoreWorld, dir);
        if (!disagreements.some((each) => each.file === file || each.other === file))
          unseen.push(`${how} ${at}`);
      }),
      { numRuns: 100 },
    );
    // Alone in the trace, what stands in no log is said nowhere else.
    if (file !== "transfer.atp-trace") expect(unseen).toEqual([]);
  },
);

test("files that are missing, strange or too many are named", async () => {
  for (const file of ALL) {
    const dir = await writtenPack();
    rmSync(`${dir}/${file}`);
    await expectNamed(dir, file, "removed");
    symlinkSync("/etc/hostname", `${dir}/${file}`);
    await expectNamed(dir, file, "a link");
  }
  const dir = await writtenPack();
  writeFileSync(`${dir}/more`, "");
  await expectNamed(dir, "more", "one more");
});
