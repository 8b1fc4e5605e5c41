import type { TransferEventKind, TransferEvents } from "../evidence/transfer-events.ts";

/** One event of a transfer whose data was checked. */
export type TransferEvent = {
  readonly [Kind in TransferEventKind]: {
    readonly kind: Kind;
    readonly data: TransferEvents[Kind];
  };
}[TransferEventKind];

export interface ReadEvents {
  readonly events: readonly TransferEvent[];
  /** What could not be read, or is missing: a trace with any of these is never clean. The first few are named. */
  readonly unreadable: readonly string[];
}

/** More than this many problems are only counted. */
const MAX_PROBLEMS = 20;

type Is = "text" | "text-or-null" | "from-1" | readonly string[];

type Shapes = {
  readonly [Kind in TransferEventKind]: { readonly [Field in keyof TransferEvents[Kind]]: Is };
};

const REGION = { region: "text" } as const;
const ATTEMPT = { attempt: "text", chunk: "text", path: "text" } as const;

const SHAPES: Shapes = {
  region_created: REGION,
  region_cancelled: { region: "text", why: "text" },
  region_close_begin: REGION,
  region_close_complete: REGION,
  spawn: { task: "text", region: "text" },
  cancel: { task: "text", why: "text" },
  complete: { task: "text", outcome: ["ok", "failed", "cancelled"] },
  reserve: { id: "text", what: ["chunk", "slot", "temp", "lease", "journal"], of: "text" },
  commit: { id: "text" },
  abort: { id: "text", why: "text" },
  path_chosen: ATTEMPT,
  path_done: ATTEMPT,
  path_failed: { ...ATTEMPT, why: "text" },
  race_lost: ATTEMPT,
  path_dropped: { path: "text", why: "text" },
  repair: { chunk: "text", path: "text", why: "text" },
  journal_opened: { next: "from-1", head: "text" },
  checkpoint: { seq: "from-1", prev: "text", hash: "text" },
  manifest: { expected: "text", actual: "text" },
  hashed: { blob: "text", expected: "text-or-null", actual: "text" },
  exposed: { what: ["blob", "manifest"], name: "text", digest: "text" },
  proof: { blob: "text", digest: "text" },
  published: { digest: "text" },
  message: { message: "text" },
};

interface FieldRule {
  readonly name: string;
  readonly is: Is;
}

const FIELDS: ReadonlyMap<string, readonly FieldRule[]> = new Map(
  Object.entries(SHAPES).map(([kind, shape]) => [
    kind,
    Object.entries<Is>(shape).map(([name, is]) => ({ name, is })),
  ]),
);

/**
 * Reads the events of a trace, which may come from anywhere. Total: what is no event, is of another version, is
 * out of order by its number or its time, or lacks a field of its kind, is told in `unreadable`. Kinds that no
 * transfer has are passed over.
 */
export function readEvents(trace: readonly unknown[]): ReadEvents {
  const events: TransferEvent[] = [];
  const problems = new Problems();
  let next = 1;
  let lastNs = 0;
  for (let index = 0; index < trace.length; index++) {
    const each = trace[index];
    if (!isRecord(each) || each["version"] !== 1) {
      problems.add(index, "is no trace event of version 1");
      next += 1;
      continue;
    }
    const { seq, time_ns: timeNs, kind, data } = each;
    if (seq !== next) problems.add(index, `does not have the number ${next}`);
    next = isCount(seq) ? seq + 1 : next + 1;
    if (typeof timeNs === "number" && timeNs >= lastNs) lastNs = timeNs;
    else problems.add(index, "has a time before the one before it");
    if (typeof kind !== "string") {
      problems.add(index, "has no kind");
      continue;
    }
    const fields = FIELDS.get(kind);
    if (fields === undefined) continue;
    const bad = badField(fields, data);
    if (bad === null) events.push({ kind, data } as TransferEvent);
    else problems.add(index, `is a \`${kind}\` with a bad \`${bad}\``);
  }
  return { events, unreadable: problems.list() };
}

class Problems {
  readonly #named: string[] = [];
  #more = 0;

  add(index: number, what: string): void {
    if (this.#named.length < MAX_PROBLEMS) this.#named.push(`event ${index + 1} ${what}`);
    else this.#more += 1;
  }

  list(): readonly string[] {
    return this.#more === 0 ? this.#named : [...this.#named, `and ${this.#more} more`];
  }
}

/** The first field that is missing or of the wrong kind; null when all are well. */
function badField(fields: readonly FieldRule[], data: unknown): string | null {
  if (!isRecord(data)) return "data";
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    if (field !== undefined && !fits(field.is, data[field.name])) return field.name;
  }
  return null;
}

function fits(is: Is, value: unknown): boolean {
  if (is === "text") return typeof value === "string";
  switch (is) {
    case "text-or-null":
      return typeof value === "string" || value === null;
    case "from-1":
      return isCount(value) && value > 0;
    default:
      return typeof value === "string" && is.includes(value);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
