import { numberParser } from "@stricli/core";
import { AprError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import { DEFAULT_RETRIES } from "../../transfer/limits.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { onOff, text } from "../store/flags.ts";
import type { ProgressMode } from "./view.ts";

/** Flags of every command that goes over the network. */
export interface TransferFlags extends StoreFlags {
  readonly progress: ProgressMode;
  readonly plainHttp: boolean;
  readonly stallTimeout: number;
  readonly retries: number;
  readonly trace?: string;
  readonly crashpack?: string;
}

/** Timers cannot wait longer than 24 days. */
const MAX_STALL_MS = 24 * 3_600_000;

function parseStall(word: string): number {
  const ms = parseDuration(word);
  if (ms < 10 || ms > MAX_STALL_MS) throw new AprError("usage", `not a time from 10ms to 24h: ${word}`);
  return ms;
}

function parseRetries(word: string): number {
  const count = numberParser(word);
  if (Number.isInteger(count) && count >= 0 && count <= 1000) return count;
  throw new AprError("usage", `not a whole number from 0 to 1000: ${word}`);
}

export const transferFlags = {
  progress: {
    kind: "enum",
    values: ["auto", "plain", "json", "none"],
    default: "auto",
    brief: "On stderr: a bar on a terminal, plain lines, or one JSON event a line",
  },
  plainHttp: onOff("Allow plain HTTP also to other machines than this one"),
  stallTimeout: {
    kind: "parsed",
    parse: parseStall,
    default: "30s",
    placeholder: "TIME",
    brief: "Give up a connection that stands still for so long",
  },
  retries: {
    kind: "parsed",
    parse: parseRetries,
    default: String(DEFAULT_RETRIES),
    placeholder: "N",
    brief: "Failures in a row after which a source is given up",
  },
  trace: text("FILE", "Write the trace there: every event, as JSON (apr lint atp-transfer FILE judges it)"),
  crashpack: text("DIR", "When it fails, keep a crashpack here (default: the state folder; off for none)"),
} as const;

export const from = {
  kind: "parsed",
  parse: String,
  optional: true,
  variadic: true,
  placeholder: "REF",
  brief: "Another source of the same blobs (repeatable): its chunks come from all of them",
} as const;
