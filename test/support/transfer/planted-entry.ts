import { argv, cwd } from "node:process";
import { TraceBuffer } from "../../../src/evidence/trace.ts";
import { parseRef } from "../../../src/store/ref.ts";
import { openOrMakeStore } from "../../../src/store/store.ts";
import { httpClient } from "../../../src/transfer/http/client.ts";
import { NO_LOGINS } from "../../../src/transfer/logins.ts";
import { openRemote } from "../../../src/transfer/open-remote.ts";
import { pull } from "../../../src/transfer/pull.ts";
import { writeAll } from "../../../src/world/node/stdio.ts";
import { nodeTransferWorld } from "../../../src/world/node/transfer-world.ts";
import { startFaulty } from "./faulty/server.ts";
import type { Fault } from "./faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "./model.ts";

// A program for the oracles' own tests: pulls one model from a server on loopback, in this process, and writes the
// trace to stdout. It is bundled with a planted fault in the engine, or with none.
//
//   node BUNDLE STORE SCENARIO

const MIB = 1024 * 1024;
const SIZE = 13 * MIB;
const SLOW_BYTES_PER_SECOND = 3 * MIB;
/** No pull of a test may take longer: a planted fault may make it wait for ever. */
const LIMIT_MS = 20_000;

const SUMMARY = { format: "gguf", family: "llama", parameters: "1K", quantization: "F32" };

export interface PlantedRun {
  readonly events: readonly unknown[];
  /** Why it failed; null when it did not. */
  readonly error: string | null;
}

const image = imageOf(modelOf(SIZE));

/** What the server does. */
const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  plain: [],
  /** One byte is wrong, always. */
  lie: [{ to: "content", does: { kind: "wrong-byte", at: 5 * MIB } }],
  /** Told to stop while half of the model is on its way for ever. */
  stop: [{ to: "content", path: "/blobs/", from: 4, does: { kind: "stall", afterBytes: MIB } }],
  /** Ranges are understood at first, and then not any more. */
  whole: [{ to: "content", path: "/blobs/", from: 4, does: { kind: "no-ranges" } }],
  /** Slow enough for the second source to be asked, raced with, and given up. */
  dead: [],
  race: [],
};

/** What a second server does, where there is one. */
const SECOND: Readonly<Record<string, readonly Fault[]>> = {
  // One worker is held up, so that the others' failures do not come all together.
  dead: [
    { to: "ranges", path: "/blobs/", times: 1, does: { kind: "stall", afterBytes: 100 } },
    { to: "content", path: "/blobs/", does: { kind: "status", status: 503 } },
  ],
  race: [
    { to: "content", path: "/blobs/", oncePerRange: true, does: { kind: "drip", bytes: 4096, everyMs: 20 } },
  ],
};

const [, , folder = "", scenario = "plain"] = argv;
const trace = new TraceBuffer(nodeTransferWorld.clock);
const stop = new AbortController();
const content = imagePaths(image, "team/m", "1");
const second = SECOND[scenario];
const slow = second === undefined ? {} : { bytesPerSecond: SLOW_BYTES_PER_SECOND };
const servers = [await startFaulty({ content, faults: FAULTS[scenario] ?? [], ...slow })];
if (second !== undefined) servers.push(await startFaulty({ content, faults: second }));
setTimeout(() => stop.abort(new Error("the test's time is up")), LIMIT_MS).unref();
const error = await run(servers.map(({ host }) => `${host}/team/m:1`));
const result: PlantedRun = { events: trace.events, error };
writeAll(1, JSON.stringify(result));
// What a planted fault has left running must not keep the process.
process.exit(0);

async function run(refs: readonly string[]): Promise<string | null> {
  const world = nodeTransferWorld;
  const store = await openOrMakeStore(world, folder);
  let received = 0;
  const deps = {
    ...{ world, client: httpClient(world.net), logins: NO_LOGINS },
    ...{ hubEndpoint: null, workingFolder: cwd() },
  };
  try {
    await pull(world, store, {
      ...{ ref: refs[0] ?? "", from: refs.slice(1), target: parseRef("m:1"), replace: false },
      remotes: await Promise.all(refs.map((ref) => openRemote(deps, ref))),
      describe: () => Promise.resolve(SUMMARY),
      options: { retries: 1, stallMs: LIMIT_MS },
      emit: (kind, data) => trace.emit(kind, { ...data }),
      tell(news) {
        if (news.kind !== "bytes") return;
        received += news.bytes;
        if (scenario === "stop" && received > 4 * MIB) stop.abort(new Error("stopped by the test"));
      },
      signal: stop.signal,
    });
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
