import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { systemCode } from "../base/errors.ts";
import { type Crossed, crossTexts } from "./cross.ts";
import { readSums } from "./digest-text.ts";
import { type Disagreement, disagreement } from "./disagreement.ts";
import { listFolder, readThrough } from "./folder.ts";
import { MAX_FILES, MAX_PACK_BYTES, MAX_TEXT_BYTES } from "./limits.ts";
import {
  JOURNAL,
  JOURNAL_DIGEST,
  LEDGER,
  MANIFEST,
  nameInTheWay,
  nameProblem,
  PACK_FILES,
  SCRIPT,
  SIGNATURE,
  SUMS,
  TRACE,
} from "./names.ts";
import { BadTrace, LogDigests, TraceReader } from "./read-trace.ts";
import { BadText } from "./text-lines.ts";
import type { PackEvent, PackWorld } from "./types.ts";

/** What was found in a pack's folder. It is sound when nothing disagrees. */
export interface Examination extends Omit<Crossed, "found"> {
  readonly files: number;
  readonly sizeBytes: number;
  readonly events: number;
  /** SHA-256 of SHA256SUMS: it stands for the whole pack. Null when there is none. */
  readonly hex: string | null;
  /** Everything that is wrong, digests first. */
  readonly disagreements: readonly Disagreement[];
}

export interface ExamineOptions {
  /** Gets all events, some at a time and in order. The last ones may come before a disagreement is known. */
  readonly onEvents?: (events: readonly PackEvent[]) => void;
  /** Gets the content of every further file, bounded by `MAX_TEXT_BYTES` each. */
  readonly onArtifact?: (name: string, content: Uint8Array) => void;
}

const NO_TEXT: ReadonlySet<string> = new Set(["pathlog", "quiclog", "repairlog"]);
const TEXTS: readonly string[] = [JOURNAL, JOURNAL_DIGEST, LEDGER, MANIFEST, SCRIPT, SUMS];

/**
 * Reads every file of a pack once and checks each against all others. Everything in it may be hostile: sizes and
 * counts are bounded, no link is followed, nothing is run. The trace is never in memory whole. Throws CrashpackError
 * `not-found` and `not-a-pack`, and errors of the disk; whatever else is wrong is in `disagreements`.
 */
export async function examineCrashpack(
  world: PackWorld,
  dir: string,
  options: ExamineOptions = {},
): Promise<Examination> {
  const { names, strange } = await listFolder(world.files, dir);
  const read = new PackReader(world, dir, options);
  for (const name of names.slice(0, MAX_FILES)) await read.file(name);
  const found: Disagreement[] = [...strange];
  if (names.length > MAX_FILES) found.push(disagreement(".", null, `holds more than ${MAX_FILES} files`));
  checkSums(read, found);
  found.push(...read.found);
  const crossed = crossTexts(read.texts, read.hex.get(JOURNAL) ?? null);
  found.push(...crossed.found);
  if (crossed.manifest !== null) checkArtifacts(names, crossed.manifest.artifact_paths, found);
  for (const [name, hex] of read.logs?.hex() ?? []) {
    const is = read.hex.get(name);
    if (is !== undefined && is !== hex) found.push(disagreement(name, TRACE, "not the lines that it gives"));
  }
  const { facts, manifest, results, ledger } = crossed;
  return {
    ...{ facts, manifest, results, ledger },
    files: names.length,
    sizeBytes: read.sizeBytes,
    events: read.events,
    hex: read.hex.get(SUMS) ?? null,
    disagreements: found,
  };
}

/** Each file with its digest, and each digest with its file. */
function checkSums({ hex, texts }: PackReader, found: Disagreement[]): void {
  for (const name of [...PACK_FILES, SUMS]) {
    if (!hex.has(name)) found.push(disagreement(name, null, "is missing, or cannot be read"));
  }
  const text = texts.get(SUMS);
  if (text === undefined) return;
  let sums: ReadonlyMap<string, string>;
  try {
    sums = readSums(text);
  } catch (error) {
    if (!(error instanceof BadText)) throw error;
    found.push(disagreement(SUMS, null, error.message));
    return;
  }
  for (const [name, is] of hex) {
    if (name === SUMS || name === SIGNATURE) continue;
    const said = sums.get(name);
    if (said === undefined) found.push(disagreement(name, SUMS, "it is not listed there"));
    else if (said !== is) found.push(disagreement(name, SUMS, "its digest is another"));
  }
  for (const name of sums.keys()) {
    if (!hex.has(name)) found.push(disagreement(name, SUMS, "it is listed there, and is missing"));
  }
}

/** Every further file is named in the manifest, and every one named there is in the pack. */
function checkArtifacts(names: readonly string[], paths: readonly string[], found: Disagreement[]): void {
  const own = new Set<string>([...PACK_FILES, SUMS, SIGNATURE]);
  const named = new Set(paths);
  const there = new Set(names);
  if (named.size < paths.length) found.push(disagreement(MANIFEST, null, "an artifact path stands twice"));
  const inTheWay = nameInTheWay(paths);
  if (inTheWay !== null) found.push(disagreement(MANIFEST, null, "an artifact path is a folder of another"));
  for (const path of named) {
    const why = nameProblem(path);
    if (why !== null) found.push(disagreement(MANIFEST, null, `an artifact path ${why}`));
    else if (!there.has(path)) found.push(disagreement(MANIFEST, path, "it is named there, and is missing"));
  }
  for (const name of names) {
    if (!own.has(name) && !named.has(name)) found.push(disagreement(name, MANIFEST, "it is not named there"));
  }
}

class PackReader {
  readonly hex = new Map<string, string>();
  readonly texts = new Map<string, string>();
  readonly found: Disagreement[] = [];
  sizeBytes = 0;
  events = 0;
  /** Null until the whole trace was read well. */
  logs: LogDigests | null = null;
  readonly #world: PackWorld;
  readonly #dir: string;
  readonly #options: ExamineOptions;

  constructor(world: PackWorld, dir: string, options: ExamineOptions) {
    this.#world = world;
    this.#dir = dir;
    this.#options = options;
  }

  async file(name: string): Promise<void> {
    const text = TEXTS.includes(name);
    const artifact = !text && name !== TRACE && !NO_TEXT.has(name);
    const kept: Buffer[] | null = text || (artifact && this.#options.onArtifact) ? [] : null;
    const trace = name === TRACE ? this.#traceReader() : null;
    const hasher = this.#world.hash.sha256();
    const most = kept === null ? MAX_PACK_BYTES - this.sizeBytes : MAX_TEXT_BYTES;
    let size: number | null;
    try {
      size = await readThrough(this.#world.files, join(this.#dir, name), most, (bytes) => {
        hasher.update(bytes);
        kept?.push(bytes);
        trace?.push(bytes);
      });
    } catch (error) {
      const code = systemCode(error);
      // Gone, or made a link, since it was listed.
      if (code !== "ENOENT" && code !== "ELOOP") throw error;
      this.found.push(disagreement(name, null, "was changed while it was read"));
      return;
    }
    if (size === null) {
      this.found.push(disagreement(name, null, "is too large"));
      return;
    }
    this.sizeBytes += size;
    this.hex.set(name, hasher.hex());
    trace?.end();
    if (kept === null) return;
    const bytes = Buffer.concat(kept);
    if (!text) this.#options.onArtifact?.(name, bytes);
    else if (isUtf8(bytes)) this.texts.set(name, bytes.toString("utf8"));
    else this.found.push(disagreement(name, null, "is not UTF-8"));
  }

  /** The rest of a trace that is wrong somewhere is still hashed. */
  #traceReader(): { readonly push: (bytes: Buffer) => void; readonly end: () => void } {
    const logs = new LogDigests(this.#world);
    const reader = new TraceReader((events) => {
      logs.add(events);
      this.#options.onEvents?.(events);
    });
    let bad = false;
    const attempt = (step: () => void): void => {
      if (bad) return;
      try {
        step();
      } catch (error) {
        if (!(error instanceof BadTrace)) throw error;
        bad = true;
        this.found.push(disagreement(TRACE, null, error.message));
      }
    };
    return {
      push: (bytes) => attempt(() => reader.push(bytes)),
      end: () => {
        attempt(() => reader.end());
        this.events = reader.count;
        if (!bad) this.logs = logs;
      },
    };
  }
}
