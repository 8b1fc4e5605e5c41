import type { Json } from "../../base/json.ts";

// The record of a real transfer: everything that reached the engine from outside, in the order in which it did. The
// engine is a function of it. Contents are not in it: of a body or a long read only its size is, and digests that were
// made from them.

/** The pack's file that holds it. */
export const RECORD_FILE = "record.json";
export const RECORD_FORMAT = 1;

/** What an entry of the log is; its operands follow it. */
export const OP = {
  /** The engine calls the world: the call's words (an index of `texts`). Calls are numbered in this order, from 0. */
  call: 0,
  /** The engine reads a clock: what it says. */
  monotonic: 1,
  wall: 2,
  /** The engine asks for a value at once: its words, the value. */
  value: 3,
  /** A call came back: its number, the value (an index of `values`). */
  done: 4,
  failed: 5,
  /** A call told a number meanwhile: its number, the number told. */
  number: 6,
  /** A call told more: its number, the value. */
  told: 7,
  /** The head of an answer came: its call's number, the value. */
  head: 8,
  /** The person stopped it: the value is why. */
  stop: 9,
} as const;

/** Entries without operands of their own would not be told apart: how many each has. */
export const OPERANDS: readonly number[] = [1, 1, 1, 2, 2, 2, 2, 2, 2, 1];

/** Numbers in a log: a pull of 40 GB makes about three million. */
export const MAX_LOG_NUMBERS = 6_000_000;
/** Characters of all texts and values together. */
export const MAX_RECORD_CHARS: number = 32 * 1024 * 1024;
/** Of a read, so much content is kept: journals and manifests are read whole. */
export const MAX_KEPT_BYTES: number = 64 * 1024;

/** What this machine said of itself. */
export interface RecordedHost {
  readonly name: string;
  readonly pid: number;
  readonly bootId: string;
  readonly platform: string;
  readonly uid: number;
  readonly gid: number;
  readonly cores: number;
  readonly tempFolder: string;
}

export interface TransferRecord {
  readonly format: typeof RECORD_FORMAT;
  /** What was asked for, without secrets. */
  readonly command: Json;
  readonly host: RecordedHost;
  /** Why the rest is missing; null when nothing is. */
  readonly cut: string | null;
  readonly texts: readonly string[];
  readonly values: readonly Json[];
  readonly log: readonly number[];
}
