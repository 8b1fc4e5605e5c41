import { expect, test } from "vitest";
import { faultyServer } from "./support/transfer/scoped.ts";
import { errorOf, stage } from "./support/transfer/stage.ts";
import type { BearerRules } from "./support/transfer/faulty/bearer.ts";
import type { FaultyServer } from "./support/transfer/faulty/server.ts";
import type { Fault, FaultAction } from "./support/transfer/faulty/types.ts";
import { imageOf, imagePaths, modelOf } from "./support/transfer/model.ts";

// Every fault of a server, as data: a pull ends complete and verified, or with a clear error and a journal from
// which a run without the fault completes. Nothing wrong and nothing partial is ever visible.

const MIB = 1024 * 1024;
const CHUNK = 2 * MIB;
/** Ten chunks. */
const MODEL = modelOf(20 * MIB - 4096);
const IMAGE = imageOf(MODEL);
const OTHER = modelOf(20 * MIB - 4096, "other").bytes;
const LONGER = modelOf(24 * MIB, "longer").bytes;
const NAME = "lib/tiny";
const FILE = "/files/tiny.gguf";
const NETWORK = 10;
const LIMIT_MS = 100_000;
/** A pull that has not ended by then has not understood the fault. */
const HANG_MS = 40_000;

const CONTENT = { ...imagePaths(IMAGE, NAME, "a"), [FILE]: { bytes: MODEL.bytes } };

/** How a pull under a fault must end. `either`: complete, or one of these exit codes. */
type End = "complete" | { readonly fails: readonly number[] } | { readonly either: readonly number[] };

interface Case {
  readonly faults: readonly Fault[];
  readonly end: End;
  /** The model's bytes that may be sent, in sizes of the model. */
  readonly sentAtMost?: number;
  readonly bearer?: BearerRules;
  readonly bytesPerSecond?: number;
}

const once = (does: FaultAction, times = 1): Fault[] => [{ to: "ranges", times, does }];
const eachChunk = (does: FaultAction): Fault[] => [{ to: "ranges", oncePerRange: true, does }];
const always = (does: FaultAction): Fault[] => [{ to: "content", does }];
const DOWN: End = { fails: [NETWORK] };
const REFUSED: End = { fails: [4, 5, NETWORK] };

const CASES: Readonly<Record<string, Case>> = {
  "no fault": { faults: [], end: "complete", sentAtMost: 1.001 },
  "connection cut in every chunk": {
    faults: eachChunk({ kind: "cut", afterBytes: 100_000 }),
    end: "complete",
    sentAtMost: 1.2,
  },
  "connection always cut": { faults: always({ kind: "cut", afterBytes: 0 }), end: DOWN },
  "connection cut before the head, three times": { faults: once({ kind: "no-head" }, 3), end: "complete" },
  "connection always cut before the head": { faults: always({ kind: "no-head" }), end: DOWN },
  "a stall in two chunks": {
    faults: once({ kind: "stall", afterBytes: 5000 }, 2),
    end: "complete",
    sentAtMost: 1.5,
  },
  "always a stall": { faults: always({ kind: "stall", afterBytes: 100 }), end: DOWN },
  "slow loris in two chunks": { faults: once({ kind: "drip", bytes: 1, everyMs: 200 }, 2), end: "complete" },
  "slow loris everywhere": { faults: always({ kind: "drip", bytes: 1, everyMs: 200 }), end: DOWN },
  "body cut short in every chunk": {
    faults: eachChunk({ kind: "short", missingBytes: 1000 }),
    end: "complete",
    sentAtMost: 2.1,
  },
  "body always too short": { faults: always({ kind: "short", missingBytes: 1 }), end: DOWN },
  "Content-Length too large in two chunks": {
    faults: once({ kind: "wrong-length", byBytes: 9 }, 2),
    end: "complete",
  },
  "Content-Length always too large": { faults: always({ kind: "wrong-length", byBytes: 9 }), end: REFUSED },
  "Content-Length always too small": { faults: always({ kind: "wrong-length", byBytes: -9 }), end: REFUSED },
  "Content-Range wrong in one chunk": { faults: once({ kind: "wrong-range", byBytes: 4 }), end: "complete" },
  "Content-Range always wrong": { faults: always({ kind: "wrong-range", byBytes: CHUNK }), end: REFUSED },
  "wrong bytes in one chunk, once": {
    faults: [{ to: "ranges", times: 1, does: { kind: "wrong-byte", at: 3 * CHUNK + 17 } }],
    end: { either: [4, 5, NETWORK] },
  },
  "wrong bytes in one chunk, always": {
    faults: [{ to: "content", does: { kind: "wrong-byte", at: 3 * CHUNK + 17 } }],
    end: REFUSED,
  },
  "no ranges": { faults: always({ kind: "no-ranges" }), end: "complete", sentAtMost: 10 },
  "429 with Retry-After in seconds": {
    faults: once({ kind: "status", status: 429, retryAfter: "1" }, 3),
    end: "complete",
    sentAtMost: 1.001,
  },
  "503 with Retry-After as a date": {
    faults: once({ kind: "status", status: 503, retryAfter: { dateInS: 2 } }, 2),
    end: "complete",
    sentAtMost: 1.001,
  },
  "always 503": { faults: always({ kind: "status", status: 503 }), end: DOWN },
  "Retry-After of a year": {
    faults: always({ kind: "status", status: 429, retryAfter: "31536000" }),
    end: DOWN,
  },
  "403 for the blobs": { faults: always({ kind: "status", status: 403 }), end: { fails: [3, NETWORK] } },
  "a redirect loop": { faults: [{ to: "any", does: { kind: "redirect-loop" } }], end: DOWN },
  "a redirect loop for the blobs": { faults: always({ kind: "redirect-loop" }), end: DOWN },
  "other content, same length, from the fifth chunk": {
    faults: [{ to: "ranges", from: 5, times: 1, does: { kind: "changed", bytes: OTHER } }],
    end: REFUSED,
  },
  "other content, other length, from the fifth chunk": {
    faults: [{ to: "ranges", from: 5, times: 1, does: { kind: "changed", bytes: LONGER } }],
    end: REFUSED,
  },
  "not HTTP at all": { faults: [{ to: "any", does: { kind: "garbage" } }], end: DOWN },
  "not HTTP, three times": { faults: once({ kind: "garbage" }, 3), end: "complete" },
  "headers without end": { faults: [{ to: "any", does: { kind: "endless-headers" } }], end: DOWN },
  "a manifest without end": {
    faults: [{ to: "manifest", does: { kind: "endless-body" } }],
    end: { fails: [4, NETWORK] },
  },
  "blobs without end": { faults: always({ kind: "endless-body" }), end: REFUSED },
  "a body that is compressed": { faults: always({ kind: "gzip" }), end: { either: [4, 5, NETWORK] } },
  "a manifest with a wrong byte": {
    faults: [{ to: "manifest", does: { kind: "wrong-byte", at: 40 } }],
    end: { fails: [4, 5, NETWORK] },
  },
  "tokens that are good for nine requests": { faults: [], bearer: { requests: 9 }, end: "complete" },
  "tokens that are good for 150 ms": {
    faults: [],
    bearer: { lifetimeMs: 150 },
    bytesPerSecond: 30 * MIB,
    end: "complete",
  },
  "tokens that are never good": { faults: [], bearer: { requests: 0 }, end: { fails: [3, NETWORK] } },
};

test.each(Object.entries(CASES))("%s", { timeout: LIMIT_MS }, async (_name, fault) => {
  const { faults, bearer, bytesPerSecond } = fault;
  const server = await faultyServer({
    content: CONTENT,
    faults,
    ...(bearer === undefined ? {} : { bearer }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  });
  await pullUnder(server, fault);
});

async function pullUnder(server: FaultyServer, { faults, end, sentAtMost, bearer }: Case): Promise<void> {
  const at = stage();
  const ref = `${server.host}/${NAME}:a`;
  const flags = ["--plain-http", "--as", "t:a"];
  const result = await at.pull(ref, flags, { timeoutMs: HANG_MS });
  expect(server.hits() > 0, `the fault was never met: ${result.stderr}`).toBe(faults.length > 0);
  const complete = end === "complete" || ("either" in end && result.code === 0);
  if (complete) at.expectModel(result, MODEL);
  else {
    errorOf(result);
    expect("fails" in end ? end.fails : end.either, result.stderr).toContain(result.code);
    at.expectNothing();
    expect((await at.transfers()).every(({ live }) => !live)).toBe(true);
  }
  if (sentAtMost !== undefined) {
    expect(server.sentBytes(MODEL.digest)).toBeLessThanOrEqual(sentAtMost * MODEL.bytes.length);
  }
  if (complete || bearer !== undefined) return;
  // The same place again, now without the fault: what was fetched before is not fetched again.
  await server.close();
  const again = await faultyServer({ content: CONTENT, port: server.port });
  at.expectModel(await at.pull(ref, flags), MODEL);
  expect(again.sentBytes(MODEL.digest)).toBeLessThanOrEqual(MODEL.bytes.length);
}
