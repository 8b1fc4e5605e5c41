import { isJsonArray, isJsonObject, type JsonObject, parseJson } from "../../base/json.ts";
import type { Hash } from "../../world/hash.ts";
import { MAX_JOURNAL_LINE } from "../limits.ts";

// A journal is lines of JSON. Each record has a number, the digest of the record before it, and its own digest:
//
//   {"n":7,"prev":"<hex>","kind":"chunk",…,"hash":"<hex>"}
//
// `hash` is the SHA-256 of the line without it. A line that was torn by a crash, and all that follows it, is dropped.

export type JournalRecord =
  /** What the transfer is. `identity` names the content: the manifest's digest, or the files and their revisions. */
  | {
      readonly kind: "begin";
      readonly version: 1;
      readonly ref: string;
      readonly from: readonly string[];
      readonly tag: string;
      readonly identity: string;
    }
  /** A process goes on with it. Chunks of an earlier start of the machine count only when they were synced. */
  | { readonly kind: "session"; readonly boot: string }
  /** A blob begins, or begins again: chunks that were recorded before are forgotten. */
  | {
      readonly kind: "blob";
      readonly key: string;
      readonly size: number | null;
      readonly chunk: number;
    }
  | {
      readonly kind: "source";
      readonly key: string;
      readonly source: string;
      readonly validator: string;
    }
  /** A chunk's bytes are in the part file. */
  | { readonly kind: "chunk"; readonly key: string; readonly index: number; readonly source: string }
  /** A chunk's bytes were found wrong. */
  | { readonly kind: "bad"; readonly key: string; readonly index: number; readonly source: string }
  /** The bytes of every chunk up to this record's number are on the medium. */
  | { readonly kind: "sync"; readonly upto: number }
  /** The medium refused: what was not synced by now may be gone, whatever the file shows. */
  | { readonly kind: "lost" };

export const NO_RECORD: string = "0".repeat(64);

/** One line, without its end. */
export function encodeRecord(
  hash: Hash,
  n: number,
  prev: string,
  record: JournalRecord,
): { readonly line: string; readonly hash: string } {
  const body = bodyOf(n, prev, record);
  const own = sha256(hash, body);
  return { line: `${body.slice(0, -1)},"hash":"${own}"}`, hash: own };
}

/** One source's chunks come one after the other. */
let [lastSource, lastQuoted] = ["", '""'];

function bodyOf(n: number, prev: string, record: JournalRecord): string {
  if (record.kind === "chunk") return chunkBody(n, prev, record);
  if (record.kind === "sync") return `{"n":${n},"prev":"${prev}","kind":"sync","upto":${record.upto}}`;
  return `{"n":${n},"prev":"${prev}",${JSON.stringify(record).slice(1)}`;
}

/** The same text as JSON.stringify makes: nearly all records are of this kind, or the one above. */
function chunkBody(
  n: number,
  prev: string,
  { key, index, source }: JournalRecord & { kind: "chunk" },
): string {
  if (source !== lastSource) [lastSource, lastQuoted] = [source, JSON.stringify(source)];
  const from = lastQuoted;
  return `{"n":${n},"prev":"${prev}","kind":"chunk","key":"${key}","index":${index},"source":${from}}`;
}

const TAIL = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/;

/** Reads one line; null when it is damaged, or does not follow the record before it. */
export function decodeRecord(
  hash: Hash,
  line: string,
  n: number,
  prev: string,
): { readonly record: JournalRecord; readonly hash: string } | null {
  if (line.length > MAX_JOURNAL_LINE) return null;
  const [, head, own] = TAIL.exec(line) ?? [];
  if (head === undefined || own === undefined) return null;
  const body = `${head}}`;
  if (sha256(hash, body) !== own) return null;
  try {
    const root = parseJson(body);
    if (!isJsonObject(root) || root["n"] !== n || root["prev"] !== prev) return null;
    const record = understand(root);
    return record === null ? null : { record, hash: own };
  } catch {
    return null;
  }
}

function understand(root: JsonObject): JournalRecord | null {
  const { kind, key, source, index } = root;
  if (kind === "begin") return understandBegin(root);
  if (kind === "session") return typeof root["boot"] === "string" ? { kind, boot: root["boot"] } : null;
  if (kind === "sync") return isCount(root["upto"]) ? { kind, upto: root["upto"] } : null;
  if (kind === "lost") return { kind };
  if (typeof key !== "string" || !isKey(key)) return null;
  if (kind === "blob") {
    const { size, chunk } = root;
    if (!isCount(chunk) || chunk === 0 || !(size === null || isCount(size))) return null;
    return { kind, key, size, chunk };
  }
  if (typeof source !== "string") return null;
  if (kind === "source") {
    return typeof root["validator"] === "string" ? { kind, key, source, validator: root["validator"] } : null;
  }
  if (kind === "chunk" || kind === "bad") return isCount(index) ? { kind, key, index, source } : null;
  return null;
}

function understandBegin({ version, ref, from, tag, identity }: JsonObject): JournalRecord | null {
  if (version !== 1 || typeof ref !== "string" || typeof tag !== "string") return null;
  if (typeof identity !== "string" || !isJsonArray(from)) return null;
  if (!from.every((each) => typeof each === "string")) return null;
  return { kind: "begin", version, ref, from, tag, identity };
}

/** Names of part files: nothing in a journal can name another path. */
function isKey(text: string): boolean {
  return /^(sha256-[0-9a-f]{64}|file-[0-9a-f]{64})$/.test(text);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function sha256(hash: Hash, text: string): string {
  const hasher = hash.sha256();
  hasher.update(text);
  return hasher.hex();
}
