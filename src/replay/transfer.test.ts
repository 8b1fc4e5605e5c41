import { expect, test } from "vitest";
import { packOfRun } from "../crashpack/of-run.ts";
import { nodeHash } from "../world/node/hash.ts";
import { failedTransfer } from "./pack-transfer.ts";
import { aNumber } from "./recording/codecs.ts";
import { RECORD_FILE, type RecordedHost, type TransferRecord } from "./recording/format.ts";
import { Recorder } from "./recording/recorder.ts";
import { replayTransfer } from "./transfer.ts";

const RUN = { command: "pull", version: "1" };
const HOST: RecordedHost = {
  ...{ name: "h", pid: 1, bootId: "b", platform: "linux", uid: 1, gid: 1, cores: 1, tempFolder: "/tmp" },
};
const inOrder = (work: () => void): void => work();

async function whyNot(record: TransferRecord | null): Promise<string> {
  const replayed = await replayTransfer(nodeHash, packOfRun(failedTransfer(RUN, record)));
  return replayed.kind === "not-replayable" ? replayed.why : replayed.kind;
}

test("a record that grows beyond its bound is cut, keeps nothing, and the call goes on", async () => {
  const recorder = new Recorder(inOrder, 1000);
  for (let at = 0; at <= 500; at++) recorder.clock("monotonic", () => at);
  expect(await recorder.call("x", aNumber, () => Promise.resolve(7))).toBe(7);
  const record = recorder.record({ kind: "pull" }, HOST);
  expect(record).toMatchObject({ texts: [], values: [], log: [] });
  expect(await whyNot(record)).toMatch(/^the record was cut: it has more than 1000 numbers$/);
});

test("a value that cannot be kept ends the record, not the transfer", async () => {
  const recorder = new Recorder(inOrder);
  const codec = {
    ...aNumber,
    encode: () => {
      throw new RangeError("no");
    },
  };
  expect(await recorder.call("x", codec, () => Promise.resolve(7))).toBe(7);
  expect(recorder.record(null, HOST).cut).toBe("a value could not be kept");
});

test("a pack without a record, or with one that is none, is not replayable, and says why", async () => {
  expect(await whyNot(null)).toBe("the answers of disk and network were not recorded");
  const none = { ...new Recorder(inOrder).record({ kind: "fetch" }, HOST) };
  expect(await whyNot(none)).toContain("the record cannot be read: a command that is none");
  expect(await whyNot({ ...none, log: ["a"] as never })).toContain("its log holds other than numbers");
  const garbage = packOfRun({ ...failedTransfer(RUN, null), artifacts: { [RECORD_FILE]: "{" } });
  expect(await replayTransfer(nodeHash, garbage)).toMatchObject({
    why: "the record cannot be read: it is no JSON",
  });
});
