import { isUtf8 } from "node:buffer";
import { AprError } from "../base/errors.ts";
import { isJsonArray, type Json, type JsonObject, parseJson, stringifyJson } from "../base/json.ts";
import type { Hasher } from "../world/hash.ts";
import { readProblem } from "./event-check.ts";
import { MAX_EVENT_BYTES, MAX_EVENTS } from "./limits.ts";
import { LOGS, logLine } from "./log-lines.ts";
import type { PackEvent, PackWorld } from "./types.ts";

/** Between two events. Inside an event it cannot stand: what is deeper has more spaces, and a string no bare newline. */
const BETWEEN = "\n  },\n";
const EMPTY = "[]";

/** The trace cannot be read. Caught where the file's name is known. */
export class BadTrace extends Error {}

/** Reads a trace from pieces of its bytes, in memory for a few events. Exact: it takes only what is written by us. */
export class TraceReader {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #begun = false;
  #count = 0;
  readonly #onEvents: (events: readonly PackEvent[]) => void;

  constructor(onEvents: (events: readonly PackEvent[]) => void) {
    this.#onEvents = onEvents;
  }

  get count(): number {
    return this.#count;
  }

  /** Throws BadTrace. */
  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MAX_EVENT_BYTES + chunk.length) {
      throw new BadTrace(`event ${this.#count + 1} is larger than ${MAX_EVENT_BYTES} bytes`);
    }
    const bytes = this.#taken();
    const between = bytes.lastIndexOf(BETWEEN);
    if (between === -1) {
      this.#keep(bytes);
      return;
    }
    this.#keep(bytes.subarray(between + BETWEEN.length));
    this.#batch(this.#opened(bytes.subarray(0, between + BETWEEN.length - 2)));
  }

  /** All has come. Throws BadTrace. */
  end(): void {
    const bytes = this.#taken();
    if (!this.#begun && bytes.equals(Buffer.from(EMPTY))) return;
    if (!bytes.subarray(-2).equals(Buffer.from("\n]")))
      throw new BadTrace("it does not end as an array does");
    this.#batch(this.#opened(bytes.subarray(0, -2)));
  }

  #taken(): Buffer {
    const [only, ...more] = this.#waiting;
    const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes = bytes.length;
  }

  #opened(bytes: Buffer): Buffer {
    if (this.#begun) return bytes;
    this.#begun = true;
    if (!bytes.subarray(0, 2).equals(Buffer.from("[\n")))
      throw new BadTrace("it does not begin as an array does");
    return bytes.subarray(2);
  }

  #batch(bytes: Buffer): void {
    const after = `after event ${this.#count}`;
    if (!isUtf8(bytes)) throw new BadTrace(`not UTF-8, ${after}`);
    const events = readExactly(`[\n${bytes.toString("utf8")}\n]`);
    if (events === null) throw new BadTrace(`not written as a trace is, ${after}`);
    if (this.#count + events.length > MAX_EVENTS) throw new BadTrace(`more than ${MAX_EVENTS} events`);
    for (let index = 0; index < events.length; index++) {
      const why = readProblem(events[index] ?? null);
      if (why !== null) throw new BadTrace(`event ${this.#count + index + 1} ${why}`);
    }
    this.#count += events.length;
    this.#onEvents(events as unknown as readonly PackEvent[]);
  }
}

/**
 * The array that has just this pretty text; null where none has. Where the engine's own parser gives a value that is
 * written the same, it has dropped no key and changed no number; large ones are then still read again, as bigints.
 */
function readExactly(text: string): readonly Json[] | null {
  try {
    const quick = JSON.parse(text) as Json;
    if (JSON.stringify(quick, undefined, 2) === text && !holdsLarge(quick)) {
      return isJsonArray(quick) ? quick : null;
    }
    const exact = parseJson(text);
    return isJsonArray(exact) && stringifyJson(exact, 2) === text ? exact : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || error instanceof AprError) return null;
    throw error;
  }
}

/** True where a number is too large to be told from its neighbours. Stack overflow is the caller's RangeError. */
function holdsLarge(value: Json): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  if (isJsonArray(value)) return value.some(holdsLarge);
  for (const key in value) if (holdsLarge((value as JsonObject)[key] ?? null)) return true;
  return false;
}

/** Makes the logs again from the trace, and keeps of each only its digest. */
export class LogDigests {
  readonly #logs: { readonly log: (typeof LOGS)[number]; readonly hasher: Hasher; begun: boolean }[];

  constructor({ hash }: Pick<PackWorld, "hash">) {
    this.#logs = LOGS.map((log) => ({ log, hasher: hash.sha256(), begun: false }));
  }

  add(events: readonly PackEvent[]): void {
    for (const each of this.#logs) {
      const lines = events.filter(each.log.takes).map(logLine);
      if (lines.length === 0) continue;
      each.hasher.update(`${each.begun ? "\n" : ""}${lines.join("\n")}`);
      each.begun = true;
    }
  }

  /** Digests in lower-case hex by the log's name. */
  hex(): ReadonlyMap<string, string> {
    return new Map(this.#logs.map(({ log, hasher }) => [log.name, hasher.hex()]));
  }
}
