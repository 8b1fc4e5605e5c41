import { isAbsolute } from "node:path";
import { AprError } from "../../base/errors.ts";
import { splitWords } from "../../base/shellwords.ts";
import { parseDuration } from "../../base/units.ts";
import { parseDeviceWord } from "../../device/word.ts";

/** What can be set, and its form once it is read. */
export interface Values {
  /** A device word; null leaves the choice to the program. */
  readonly device: string | null;
  /** The store's folder; null for the default. */
  readonly models: string | null;
  /** Commands of engines whose builds `apr --version` and `apr doctor` look at. Never run. */
  readonly engines: readonly string[];
  /** Longest time for the GPU's driver to answer, milliseconds. */
  readonly probe_timeout: number;
}

export type Key = keyof Values;

/** A value from a file or a variable: text, or for lists a list of texts. */
export type Raw = string | readonly string[];

interface KeySpec<K extends Key> {
  readonly variable: string;
  readonly preset: Values[K];
  readonly about: string;
  /** Reads a raw value. Throws `AprError`. `base`: the folder that a relative path counts from. */
  readonly read: (raw: Raw, base: string) => Values[K];
  /** Reads a raw value from a project's file, which may come from anybody. */
  readonly readProject?: (raw: Raw, base: string) => Values[K];
}

/** A driver that takes longer is broken. */
const MAX_PROBE_TIMEOUT_MS = 60_000;
const MAX_ENGINES = 16;
const MAX_TEXT = 1024;

export const KEYS: { readonly [K in Key]: KeySpec<K> } = {
  device: {
    variable: "APR_DEVICE",
    preset: null,
    about: "Where engines run: cpu, cuda, cuda:0 to cuda:15, or auto",
    read: (raw) => parseDeviceWord(one(raw, "device")).word,
  },
  models: {
    variable: "APR_MODELS",
    preset: null,
    about: "The model store",
    read: (raw, base) => absoluteFrom(base, one(raw, "models")),
    readProject: (raw, base) => {
      const path = one(raw, "models");
      if (!isAbsolute(path) && !path.startsWith("~") && !path.split("/").includes("..")) {
        return absoluteFrom(base, path);
      }
      throw refused("models", "a project's store lies inside the project", "a relative path without ..");
    },
  },
  engines: {
    variable: "APR_ENGINES",
    preset: [],
    about: "Commands of engines whose builds are looked at",
    read: (raw) => {
      const commands = typeof raw === "string" ? raw.split(",").map((each) => each.trim()) : raw;
      const kept = commands.filter((each) => each !== "");
      if (kept.length > MAX_ENGINES) throw refused("engines", `more than ${MAX_ENGINES}`, "fewer of them");
      for (const each of kept) splitWords(limited(each, "engines"));
      return kept;
    },
  },
  probe_timeout: {
    variable: "APR_PROBE_TIMEOUT",
    preset: 1300,
    about: "Longest time for the GPU's driver to answer",
    read: (raw) => {
      const ms = parseDuration(one(raw, "probe_timeout"));
      if (ms >= 100 && ms <= MAX_PROBE_TIMEOUT_MS) return ms;
      throw refused("probe_timeout", "out of range", "100ms to 60s");
    },
  },
};

export const KEY_NAMES = Object.keys(KEYS) as Key[];

function one(raw: Raw, key: Key): string {
  if (typeof raw === "string") return limited(raw, key);
  throw refused(key, "a list", "one text");
}

function limited(text: string, key: Key): string {
  if (text.includes("\0")) throw refused(key, "holds a NUL", "plain text");
  if (text.length <= MAX_TEXT) return text;
  throw refused(key, "too long", `at most ${MAX_TEXT} characters`);
}

function absoluteFrom(base: string, path: string): string {
  return isAbsolute(path) ? path : `${base}/${path.replace(/^\.\//, "")}`;
}

function refused(key: Key, what: string, wanted: string): AprError {
  return new AprError("usage", `${key}: ${what}`, { hint: wanted, fields: { key } });
}
