import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { AprError } from "../../base/errors.ts";
import { type Json, parseJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { MAX_PICKLE_BYTES } from "../../oom/pickle/limits.ts";
import { PickleRefusal } from "../../oom/pickle/refusal.ts";
import { readLog } from "../../oom/read/log.ts";
import { isNodeReport, readNodeReport } from "../../oom/read/node-report.ts";
import type { Reading } from "../../oom/read/reading.ts";
import { deviceFacts } from "../../oom/snapshot/facts.ts";
import { snapshotDetail } from "../../oom/snapshot/detail.ts";
import { SnapshotReader } from "../../oom/snapshot/reader.ts";
import { readSome, withInput } from "../../world/node/input.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Of a longer log its end is read: what a program died of stands there. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/** A pickle's first byte, and the protocols that are read. */
const PICKLE = 0x80;
const PROTOCOLS: readonly number[] = [2, 3, 4, 5];

const KINDS =
  "a PyTorch memory snapshot (.pickle), a Node.js diagnostic report, a kernel's log or what a program wrote to stderr";

interface Input {
  readonly path: string;
  readonly fd: number;
  /** 0 where it is not known. */
  readonly sizeBytes: number;
}

/** What a file turned out to be. */
export type OomFile =
  | { readonly kind: "reading"; readonly reading: Reading; readonly modified: Date | null }
  | { readonly kind: "json"; readonly document: Json };

/** Reads any file that tells of an out-of-memory; a document of JSON that is none of them is given back as it is. */
export function readOomFile(path: string): OomFile {
  return withInput(path, (fd, stats) => {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    // The first two bytes tell what it is, and a pipe may give them one by one.
    let first = readSome(fd, buffer, 0, CHUNK_BYTES);
    if (first === 1) first += readSome(fd, buffer, 1, CHUNK_BYTES - 1);
    const modified = stats === null ? null : stats.mtime;
    if (buffer[0] === PICKLE && first > 1 && PROTOCOLS.includes(buffer[1] as number)) {
      return {
        kind: "reading",
        reading: readSnapshot({ path, fd, sizeBytes: stats?.size ?? 0 }, buffer, first),
        modified,
      };
    }
    return readText(path, textOf(fd, buffer.subarray(0, first)), modified);
  });
}

function readSnapshot({ path, fd, sizeBytes }: Input, buffer: Buffer, first: number): Reading {
  const tooLarge = (): AprError =>
    new AprError("malformed", `${path}: larger than ${formatBytes(MAX_PICKLE_BYTES)}`, {
      hint: "record a shorter history: torch.cuda.memory._record_memory_history(max_entries=…)",
      fields: { path },
    });
  if (sizeBytes > MAX_PICKLE_BYTES) throw tooLarge();
  const reader = new SnapshotReader();
  try {
    let total = 0;
    for (let got = first; got > 0; got = readSome(fd, buffer, 0, CHUNK_BYTES)) {
      total += got;
      if (total > MAX_PICKLE_BYTES) throw tooLarge();
      reader.push(buffer.subarray(0, got));
    }
    const { devices, oddItems } = reader.end();
    const facts = [...devices].sort(([a], [b]) => a - b).map(([device, state]) => deviceFacts(device, state));
    const read = snapshotDetail(facts, `PyTorch snapshot ${shortName(path)}`, oddItems);
    if (read === null)
      throw new AprError("malformed", `${path}: the snapshot is empty`, { fields: { path } });
    return {
      kind: "pytorch-snapshot",
      details: [read.detail],
      cause: read.cause,
      timestamp: null,
      extra: read.extra,
    };
  } catch (error) {
    if (error instanceof PickleRefusal) throw refused(path, error);
    throw error;
  }
}

function refused(path: string, { code, message }: PickleRefusal): AprError {
  return new AprError("malformed", `${path}: ${message}`, {
    hint: "snapshots of torch.cuda.memory._dump_snapshot are read, in pickle protocols 2 to 5",
    fields: { path, code },
  });
}

function readText(
  path: string,
  { text, cut }: { text: string; cut: boolean },
  modified: Date | null,
): OomFile {
  const source = (what: string): string => `${what} ${shortName(path)}${cut ? ", its last 64 MiB" : ""}`;
  const document = /^\s*\{/.test(text) && !cut ? jsonOrNull(text) : null;
  if (document !== null && isNodeReport(document)) {
    return { kind: "reading", reading: readNodeReport(document, source("Node.js report")), modified };
  }
  const reading = readLog(text, source("log"));
  if (reading !== null && document === null) return { kind: "reading", reading, modified };
  if (document !== null) return { kind: "json", document };
  throw new AprError("malformed", `${path}: no out-of-memory that apr knows is told of in it`, {
    hint: `it reads ${KINDS}`,
    fields: { path },
  });
}

function jsonOrNull(text: string): Json | null {
  try {
    return parseJson(text);
  } catch {
    // JSON lines and logs that begin with a brace are text.
    return null;
  }
}

/** The whole text, or its end. Bytes that are not UTF-8 are replaced: programs write what they like. */
function textOf(fd: number, first: Buffer): { text: string; cut: boolean } {
  const parts = [Buffer.from(first)];
  let total = first.length;
  let cut = false;
  for (;;) {
    const part = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = readSome(fd, part, 0, CHUNK_BYTES);
    if (got === 0) break;
    parts.push(part.subarray(0, got));
    total += got;
    while (total - (parts[0]?.length ?? 0) >= MAX_TEXT_BYTES) {
      total -= parts.shift()?.length ?? 0;
      cut = true;
    }
  }
  return { text: Buffer.concat(parts).toString("utf8"), cut };
}

/** A report names the file, and no folder of this machine. */
function shortName(path: string): string {
  return path === "-" ? "from stdin" : basename(path);
}
