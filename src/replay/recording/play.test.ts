import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { tempDir } from "../../../test/support/temp.ts";
import { startFaulty } from "../../../test/support/transfer/faulty/server.ts";
import type { Fault, FaultAction } from "../../../test/support/transfer/faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "../../../test/support/transfer/model.ts";
import { asAprError } from "../../base/errors.ts";
import { TraceBuffer, type TraceEvent } from "../../evidence/trace.ts";
import type { PullCommand } from "../../transfer/command.ts";
import { pullCommand } from "../../transfer/command.ts";
import { NO_LOGINS } from "../../transfer/logins.ts";
import { nodeHash } from "../../world/node/hash.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import { inNextTurn } from "../../world/node/turn.ts";
import { BadRecord } from "./codecs.ts";
import type { TransferRecord } from "./format.ts";
import { playRecord } from "./play.ts";
import { RECORD_FILE } from "./format.ts";
import { readRecord } from "./read.ts";
import { startRecording } from "./session.ts";

const MIB = 1024 * 1024;
const image = imageOf(modelOf(9 * MIB));
const content = imagePaths(image, "team/m", "1");

interface Recorded {
  readonly record: TransferRecord;
  readonly trace: readonly TraceEvent[];
  /** Null for a pull that came to its end. */
  readonly error: string | null;
}

/** A real pull from two servers with these faults, and its record as a pack would hold it. */
async function recordedPull(faults: readonly [readonly Fault[], readonly Fault[]]): Promise<Recorded> {
  const servers = await Promise.all(faults.map((some) => startFaulty({ content, faults: some })));
  const refs = servers.map(({ host }) => `${host}/team/m:1`);
  const command: PullCommand = {
    ...{ kind: "pull", ref: refs[0] ?? "", from: refs.slice(1), open: refs, lenient: false, target: "m:1" },
    ...{ replace: false, retries: 1, stallMs: 500, plainHttp: false, ollamaUrl: null, hubEndpoint: null },
    ...{ store: `${tempDir()}/store`, workingFolder: "/" },
  };
  const describe = () =>
    Promise.resolve({ format: "gguf", family: "llama", parameters: "1K", quantization: "F32" });
  const recording = startRecording({ world: nodeTransferWorld, logins: NO_LOGINS, describe }, inNextTurn);
  const trace = new TraceBuffer(recording.ports.world.clock);
  const signal = recording.stopSignal(new AbortController().signal);
  const error = await pullCommand(recording.ports, command, {
    emit: (kind, data) => trace.emit(kind, data),
    tell: () => undefined,
    signal,
  }).then(
    () => null,
    (thrown: unknown) => asAprError(thrown).kind,
  );
  const text = JSON.stringify(recording.record(command));
  for (const server of servers) await server.close();
  const record = readRecord({ contents: new Map([[RECORD_FILE, text]]) });
  if (record === null) throw new Error("no record");
  return { record, trace: [...trace.events], error };
}

const action = fc.oneof(
  fc.record({ kind: fc.constant("cut"), afterBytes: fc.nat({ max: MIB }) }),
  fc.record({ kind: fc.constant("stall"), afterBytes: fc.nat({ max: MIB }) }),
  fc.record({ kind: fc.constant("wrong-byte"), at: fc.nat({ max: 8 * MIB }) }),
  fc.record({ kind: fc.constant("status"), status: fc.constantFrom(404, 416, 429, 500, 503) }),
  fc.record({ kind: fc.constant("short"), missingBytes: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({ kind: fc.constantFrom("no-ranges", "no-head", "garbage", "gzip") }),
) as fc.Arbitrary<FaultAction>;
const fault: fc.Arbitrary<Fault> = fc.record({
  to: fc.constantFrom("ranges", "content"),
  from: fc.integer({ min: 1, max: 8 }),
  times: fc.integer({ min: 1, max: 6 }),
  does: action,
});
const faults = fc.array(fault, { maxLength: 3 });
const RUNS = Number(process.env["APR_REPLAY_RUNS"] ?? 6);

test("whatever two servers do: the engine on the record reaches the same trace and the same end", async () => {
  onTestFinished(() => nodeTransferWorld.net.close());
  const ends = new Set<string | null>();
  await fc.assert(
    fc.asyncProperty(fc.tuple(faults, faults), async (some) => {
      const { error, record, trace } = await recordedPull(some);
      const played = await playRecord(record, nodeHash);
      expect(played.diverged).toBeNull();
      expect(JSON.stringify(played.trace)).toBe(JSON.stringify(trace));
      expect(played.error?.kind ?? null).toBe(error);
      ends.add(error);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(ends).toContain(null);
}, 600_000);

test("a record that was meddled with ends in words, never in another way", async () => {
  const cut: Fault = { to: "ranges", from: 2, does: { kind: "cut", afterBytes: 1000 } };
  const { record } = await recordedPull([[cut], [cut]]);
  const text = JSON.stringify(record);
  const junk = fc.constantFrom(0, -1, 1e9, 2, 6, 9, null, "x", [], {}, true);
  const place = fc.record({
    list: fc.constantFrom("log", "values", "texts"),
    at: fc.nat(),
    junk: fc.oneof(junk, fc.nat({ max: 40 })),
    drop: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(place, async ({ at, drop, junk: value, list }) => {
      const document = JSON.parse(text) as Record<string, unknown[]>;
      const all = document[list] ?? [];
      const where = at % all.length;
      if (drop) all.splice(where, 1);
      else all[where] = value;
      const said = await Promise.resolve()
        .then(() => readRecord({ contents: new Map([[RECORD_FILE, JSON.stringify(document)]]) }))
        .then((read) => (read === null ? null : playRecord(read, nodeHash)))
        .catch((error: unknown) => error);
      if (said instanceof Error) expect(said).toBeInstanceOf(BadRecord);
    }),
    { numRuns: 60 },
  );
}, 60_000);
