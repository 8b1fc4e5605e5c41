import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { BUCKETS, bucketOf, histogramOf } from "../buckets.ts";
import type { OomCause } from "../cause.ts";
import type { OomDetail } from "../detail.ts";
import type { Reading } from "./reading.ts";

const MAX_FRAMES = 128;
const MAX_FRAME_CHARACTERS = 400;

/** Node and V8 have these words for a heap that is full. Source: node/src/node_errors.cc, `OOMErrorHandler`. */
const OOM_WORDS = /out of memory|OOMError/i;

/** True for a Node.js diagnostic report, whatever made it. */
export function isNodeReport(document: Json): document is JsonObject {
  return (
    isJsonObject(document) && isJsonObject(document["javascriptHeap"]) && isJsonObject(document["header"])
  );
}

/**
 * What a Node.js diagnostic report tells. Command line and environment are left out: they may hold secrets.
 * Source: the report's version 4 and earlier, as Node 12 to 24 write them.
 */
export function readNodeReport(document: JsonObject, source: string): Reading {
  const header = objectAt(document, "header");
  const heap = objectAt(document, "javascriptHeap");
  const resources = objectAt(document, "resourceUsage");
  const event = textAt(header, "event") ?? "";
  const isOom = OOM_WORDS.test(event) || OOM_WORDS.test(textAt(header, "trigger") ?? "");
  const used = bytesAt(heap, "usedMemory");
  const total = bytesAt(heap, "totalMemory");
  const limit = bytesAt(heap, "memoryLimit");
  const resident = residentBytes(resources, header);
  const stack = stackOf(document);
  const detail: OomDetail = {
    source,
    derived: ["histogram", "peakReservedBytes"],
    ...(used === null ? {} : { peakAllocatedBytes: used }),
    ...(total === null ? {} : { peakReservedBytes: total }),
    ...(stack === null ? {} : { largestAllocStack: stack }),
    ...histogramIn(heap),
    ...(limit === null ? {} : { limitBytes: limit }),
    notes: [
      "allocated and reserved are those of the JavaScript heap at the moment of the report, in bytes that it uses and has",
      ...(resident === null ? [] : [`the whole process had at most ${resident} bytes resident`]),
      ...(isOom ? [] : [`the report was not made by an out-of-memory: ${event.slice(0, 200)}`]),
    ],
  };
  return {
    kind: "node-report",
    details: [detail],
    cause: isOom ? causeOf(header, event, used, limit) : null,
    timestamp: textAt(header, "dumpEventTime"),
    extra: {},
  };
}

function causeOf(header: JsonObject, event: string, used: number | null, limit: number | null): OomCause {
  const pid = bytesAt(header, "processId");
  const command = header["commandLine"];
  const program = isJsonArray(command) && typeof command[0] === "string" ? command[0] : null;
  return {
    killer: "runtime",
    tool: "node",
    process: {
      ...(pid === null ? {} : { pid }),
      ...(program === null ? {} : { name: program.slice(0, 200) }),
    },
    ...(used === null ? {} : { usedBytes: used }),
    ...(limit === null ? {} : { limitBytes: limit }),
    limit: "V8's heap limit (--max-old-space-size)",
    message: event.slice(0, 500),
    certainty: "observed",
    evidence: ["the report's header names an out-of-memory"],
  };
}

/** `maxRss` is in bytes from Node 13 on, and in KiB before. */
function residentBytes(resources: JsonObject, header: JsonObject): number | null {
  const max = bytesAt(resources, "maxRss");
  const major = Number(/^v(\d{1,3})\./.exec(textAt(header, "nodejsVersion") ?? "")?.[1] ?? 20);
  return max === null ? null : max * (major < 13 ? 1024 : 1);
}

/** The JavaScript stack where there is one, else the native one: both are innermost first in the file. */
function stackOf(document: JsonObject): string[] | null {
  const script = objectAt(document, "javascriptStack")["stack"];
  const lines = isJsonArray(script) ? script.filter((line) => typeof line === "string") : [];
  const known = lines.filter((line) => !line.startsWith("Unavailable"));
  const native = document["nativeStack"];
  const symbols = isJsonArray(native)
    ? native.map((frame) =>
        isJsonObject(frame) ? (textAt(frame, "symbol") ?? textAt(frame, "pc") ?? "") : "",
      )
    : [];
  const frames = (known.length > 0 ? known : symbols).map((frame) => frame.trim().replace(/^at /, ""));
  const kept = frames.filter((frame) => frame !== "").slice(0, MAX_FRAMES);
  return kept.length === 0 ? null : kept.map((frame) => frame.slice(0, MAX_FRAME_CHARACTERS)).reverse();
}

/** V8's heap has no sizes of objects here: each of its spaces that is in use counts as one. */
function histogramIn(heap: JsonObject): Pick<OomDetail, "histogram"> {
  const counts = new Int32Array(BUCKETS);
  for (const space of Object.values(objectAt(heap, "heapSpaces"))) {
    const used = isJsonObject(space) ? bytesAt(space, "used") : null;
    if (used === null || used === 0) continue;
    const bucket = bucketOf(used);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const histogram = histogramOf(counts);
  return Object.keys(histogram).length === 0 ? {} : { histogram };
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return isJsonObject(value) ? value : {};
}

function textAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === "string" ? value : null;
}

function bytesAt(object: JsonObject, key: string): number | null {
  const value = object[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
