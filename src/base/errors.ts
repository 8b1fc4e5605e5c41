/** Exit codes of every apr command. Source: SPEC, "Exit codes". */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  malformed: 4,
  failed: 5,
  inconclusive: 6,
  io: 7,
  network: 10,
  deviceUnavailable: 14,
  gpuNotProven: 15,
  sigint: 130,
  sigterm: 143,
} as const;

export type ErrorKind =
  | "unexpected"
  | "usage"
  | "not-found"
  | "malformed"
  | "exists"
  | "inconclusive"
  | "io"
  | "network"
  | "device-unavailable"
  | "gpu-not-proven"
  | "interrupted"
  | "terminated";

const EXIT_BY_KIND: Record<ErrorKind, number> = {
  unexpected: EXIT.unexpected,
  usage: EXIT.usage,
  "not-found": EXIT.notFound,
  malformed: EXIT.malformed,
  exists: EXIT.failed,
  inconclusive: EXIT.inconclusive,
  io: EXIT.io,
  network: EXIT.network,
  "device-unavailable": EXIT.deviceUnavailable,
  "gpu-not-proven": EXIT.gpuNotProven,
  interrupted: EXIT.sigint,
  terminated: EXIT.sigterm,
};

export interface ErrorDetails {
  /** What the person can do next, one line. */
  readonly hint?: string;
  /** Structured facts for `--json`, such as the path or the system's error code. */
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** An error meant for a person: what happened and where, with what to do next as its hint. */
export class AprError extends Error {
  override readonly name = "AprError";
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly fields: Readonly<Record<string, string | number | boolean>>;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.hint = details.hint;
    this.fields = details.fields ?? {};
  }

  get exitCode(): number {
    return EXIT_BY_KIND[this.kind];
  }
}

/** Reads the `code` of a system error such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const IO_CODES = new Set([
  "ENOSPC",
  "EDQUOT",
  "EACCES",
  "EPERM",
  "EROFS",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "EFBIG",
  "ENAMETOOLONG",
  "EISDIR",
  "ENOTDIR",
  "ELOOP",
  "EXDEV",
  "EMLINK",
]);

/** Turns anything thrown into an error for a person. Bugs keep their own message as `unexpected`. */
export function asAprError(error: unknown): AprError {
  // Chunks are bundled apart, so the class of an error may not be this one: its shape decides.
  if (error instanceof Error && error.name === "AprError" && "kind" in error) return error as AprError;
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code !== undefined && IO_CODES.has(code)) {
    return new AprError("io", message, { fields: { code }, cause: error });
  }
  if (isQuota(error)) {
    return new AprError("io", message.replace("UNKNOWN: unknown error", "EDQUOT: disk quota exceeded"), {
      fields: { code: "EDQUOT" },
      cause: error,
    });
  }
  if (error instanceof RangeError && /allocation failed|Invalid (array|string) length/i.test(message)) {
    return new AprError("io", `out of memory: ${message}`, { cause: error });
  }
  return new AprError("unexpected", message, { cause: error });
}

/** Linux's EDQUOT: Node has no name for it and says UNKNOWN. */
const EDQUOT = -122;

function isQuota(error: unknown): boolean {
  return systemCode(error) === "UNKNOWN" && (error as { errno?: unknown }).errno === EDQUOT;
}
