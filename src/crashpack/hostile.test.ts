import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { U64_MAX } from "../base/ints.ts";
import type { JsonObject } from "../base/json.ts";
import type { OracleResult } from "../oracles/checks.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { CrashpackBuilder } from "./builder.ts";
import { readCrashpack } from "./read.ts";
import { oracleArgument } from "./replay-script.ts";
import type { PackEvent } from "./types.ts";

const MIB = 1024 * 1024;

const NASTY = [
  ...["", " ", "'", '"', "\\", "\n", "\r\n", "\0", "\t", "\u007f", "\u001b[2J", "#", "- x", "[", "{", ": "],
  ...["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", '"; touch pwned; "', "$'\\n'", "!!", "~", "*"],
  ...[
    "-n",
    "--json",
    "--",
    "=",
    "a=b",
    "é",
    "e\u0301",
    "😀",
    "\ud83d",
    "\ude00",
    "\ue000",
    "\u2028",
    "\ufeff",
  ],
  ...[
    "true",
    "null",
    "1e3",
    "violations:",
    "\n  violations:",
    "oracle: x\n",
    "__proto__",
    "constructor",
    "10",
  ],
  ...["last line\\", "\ufffd", "0", "-0", "seeds:", "metadata.x: y\nseeds:\n  a: 1"],
];

const hostile = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 4 }).map((parts) => parts.join("")),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
    .map((units) => String.fromCharCode(...units)),
);

const violation = fc.record({
  violation_type: hostile,
  severity: fc.constantFrom("low", "medium", "high", "critical"),
  description: hostile,
  evidence: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
});
const result = fc.record({
  oracle_name: hostile,
  violations: fc.array(violation, { maxLength: 2 }),
  stats: fc.record({ entities_tracked: fc.maxSafeNat(), events_recorded: fc.nat() }),
  passed: fc.boolean(),
});
const u64 = fc.oneof(
  fc.constant(U64_MAX),
  fc.constant(2n ** 53n),
  fc.constant(2n ** 53n + 2n),
  fc.bigInt({ min: 2n ** 53n, max: U64_MAX }),
  fc.nat(),
);
const event = fc.record({
  version: fc.constant(1),
  seq: u64,
  time_ns: u64,
  kind: fc.oneof(hostile, fc.constantFrom("spawn", "message")),
  data: fc.oneof(
    fc.constant(null),
    fc.record({ message: hostile }),
    fc.dictionary(hostile, fc.oneof(hostile, u64, fc.constantFrom(null, true, 0.1, 1e-7, -5))),
  ),
});
const input = fc.record({
  results: fc.array(result, { maxLength: 3 }),
  events: fc.array(event, { maxLength: 5 }),
  seeds: fc.dictionary(hostile, u64, { maxKeys: 4 }),
  metadata: fc.dictionary(hostile, hostile, { maxKeys: 4 }),
  artifact: fc.uint8Array(),
});

interface Hostile {
  readonly results: readonly OracleResult[];
  readonly events: readonly PackEvent[];
  readonly seeds: Readonly<Record<string, number | bigint>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly artifact: Uint8Array;
}

async function emit(dir: string, { results, events, seeds, metadata, artifact }: Hostile): Promise<void> {
  const builder = new CrashpackBuilder().withTrace(events).withArtifactPath("deep/er/ü.bin", artifact);
  for (const each of results) builder.withOracleResult(each);
  for (const [name, seed] of Object.entries(seeds)) builder.withSeed(name, seed);
  for (const [key, value] of Object.entries(metadata)) builder.withMetadata(key, value);
  await builder.build().emitAtpTrace(nodeStoreWorld, dir);
}

/** A program that writes its arguments to a file, each ended by a NUL: what a shell made of the script. */
function fakeApr(folder: string): Record<string, string | undefined> {
  mkdirSync(`${folder}/bin`);
  const script = `#!/bin/sh\nfor word in "$@"; do printf '%s\\0' "$word"; done >"$OUT"\nenv >"$OUT.env"\n`;
  writeFileSync(`${folder}/bin/apr`, script, { mode: 0o755 });
  return { ...process.env, PATH: `${folder}/bin${delimiter}${process.env["PATH"]}`, OUT: `${folder}/out` };
}

function argumentsOf(folder: string): string[] {
  return readFileSync(`${folder}/out`, "utf8").split("\0").slice(0, -1);
}

function oraclesIn(words: readonly string[]): string[] {
  const at = words.indexOf("--validate-oracles") + 1;
  const found: string[] = [];
  for (let index = at; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word.startsWith("--oracle=")) found.push(word.slice("--oracle=".length));
    else if (word === "--oracle") found.push(words[++index] ?? "");
    else throw new Error(`unexpected word ${JSON.stringify(word)}`);
  }
  return found;
}

test("hostile values come back equal, and the script hands them on without running any", async (context) => {
  needs(context, "sh");
  const folder = tempDir();
  const env = fakeApr(folder);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(input, async (values) => {
      const given = values as unknown as Hostile;
      const dir = `${folder}/-it's a "pack" $(x)\n${run++}`;
      await emit(dir, given);
      const read = await readCrashpack(nodeStoreWorld, dir);
      expect(read.oracle_results).toEqual(given.results);
      expect(read.trace_events).toEqual(given.events);
      expect(read.seeds).toEqual(given.seeds);
      expect(read.metadata).toEqual(given.metadata);
      expect(Buffer.from(read.contents.get("deep/er/ü.bin") as Uint8Array)).toEqual(
        Buffer.from(given.artifact),
      );
      execFileSync("/bin/sh", [`${dir}/replay_command.sh`], { env, cwd: "/" });
      const names = given.results.map(({ oracle_name: name }) => oracleArgument(name));
      expect(oraclesIn(argumentsOf(folder))).toEqual(names);
      expect(existsSync(`${dir}/pwned`) || existsSync("/pwned")).toBe(false);
    }),
    { numRuns: 150 },
  );
}, 110_000);

test("strings of 1 MiB survive, and the script still runs", async (context) => {
  needs(context, "sh");
  const folder = tempDir();
  for (const character of ["a", "\0", "'", "😀", '"']) {
    const long = character.repeat(MIB / character.length);
    const dir = `${folder}/pack-${character.codePointAt(0)}`;
    const found = {
      violation_type: long,
      severity: "low",
      description: long,
      evidence: { [long]: long },
    } as const;
    const results: OracleResult[] = [
      {
        oracle_name: long,
        violations: [found],
        passed: false,
        stats: { entities_tracked: 1, events_recorded: 1 },
      },
    ];
    const data: JsonObject = { message: long };
    const events: PackEvent[] = [{ version: 1, seq: 1, time_ns: U64_MAX, kind: "message", data }];
    await emit(dir, {
      results,
      events,
      seeds: { [long]: U64_MAX },
      metadata: { [long]: long },
      artifact: Buffer.from(long),
    });
    const read = await readCrashpack(nodeStoreWorld, dir);
    expect(read.oracle_results).toEqual(results);
    expect(read.trace_events).toEqual(events);
    expect(read.metadata).toEqual({ [long]: long });
    expect(read.seeds).toEqual({ [long]: U64_MAX });
  }
  const env = fakeApr(folder);
  execFileSync("/bin/sh", [`${folder}/pack-39/replay_command.sh`], { env, cwd: "/" });
  expect(oraclesIn(argumentsOf(folder))).toEqual([oracleArgument("'".repeat(MIB))]);
}, 110_000);

test("the script runs from any folder, by any name, with its seeds in the environment", async (context) => {
  needs(context, "sh");
  const folder = tempDir();
  const env = fakeApr(folder);
  const dir = `${folder}/pack`;
  await emit(dir, {
    results: [],
    events: [],
    metadata: {},
    artifact: Buffer.alloc(0),
    seeds: { "net-ü.1": U64_MAX, "😀": 5 },
  });
  const ways: [string, string[], string][] = [
    ["/bin/sh", ["replay_command.sh"], dir],
    ["/bin/sh", ["pack/replay_command.sh"], folder],
    [`${dir}/replay_command.sh`, [], "/"],
    ["../pack/replay_command.sh", [], dir],
  ];
  for (const [program, args, cwd] of ways) {
    execFileSync(program, args, { env: { ...env, CDPATH: "/tmp:/" }, cwd });
    expect(argumentsOf(folder).slice(0, 4)).toEqual([
      "replay",
      "--trace-file",
      "transfer.atp-trace",
      "--manifest",
    ]);
    const seen = readFileSync(`${folder}/out.env`, "utf8");
    expect(seen).toContain(`ATP_SEED_NET___1=${U64_MAX}\n`);
    expect(seen).toContain("ATP_SEED_SEED=5\n");
    expect(seen).toContain(`PWD=${dir}\n`);
  }
});
