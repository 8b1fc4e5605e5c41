/** Why a model file was refused. A closed list: programs may switch on it. */
export type RefusalCode =
  | "not-a-model"
  | "unsupported-version"
  | "cut-short"
  | "header-too-large"
  | "past-end"
  | "too-many"
  | "bad-text"
  | "bad-value"
  | "bad-type"
  | "nested-too-deep"
  | "duplicate-key"
  | "duplicate-tensor"
  | "name-too-long"
  | "bad-shape"
  | "bad-alignment"
  | "misaligned"
  | "overlap"
  | "hole"
  | "size-mismatch"
  | "bad-json"
  | "bad-index"
  | "unsafe-name"
  | "missing-shard"
  | "missing-tensor"
  | "missing-weights"
  | "ambiguous-weights";

export interface RefusalPlace {
  /** The tensor that the refusal is about. */
  readonly tensor?: string;
  /** Where in the file, in bytes. */
  readonly offset?: number;
  /** Which file of a folder. */
  readonly file?: string;
}

/** A model that cannot be trusted, as data. */
export interface Refusal extends RefusalPlace {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** One line for a person, without the place. */
  readonly message: string;
}

/** Carries a refusal out of a parser's depths. It never leaves this room: `outcomeOf` turns it into data. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** To be thrown inside `outcomeOf`. */
export function refuse(code: RefusalCode, message: string, place: RefusalPlace = {}): Error {
  return new Refused({ kind: "refused", code, message, ...place });
}

export function isRefusal(value: object): value is Refusal {
  return "kind" in value && value.kind === "refused";
}

/** Passes a refusal on as an error, and anything else through. */
export function unlessRefused<T extends object>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Refused(value);
  return value;
}

/** Runs a parser: its value, or the refusal that it threw. Other errors are bugs or the disk's, and pass. */
export async function outcomeOf<T extends object>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Text from a file inside a message: short, and quoted so that nothing in it can be mistaken for the message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/** Characters of a file's text that a message repeats. */
const MAX_QUOTED = 120;
