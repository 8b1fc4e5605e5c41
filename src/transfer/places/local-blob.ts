import { systemCode } from "../../base/errors.ts";
import type { FileFacts, Files, OpenFile } from "../../world/files.ts";
import type {
  BlobSource,
  ChunkOutcome,
  ChunkRequest,
  SourceFailure,
  WholeOutcome,
  WholeRequest,
} from "../source.ts";

/** Large enough that system calls cost little, small enough that Ctrl-C is felt at once. */
const PIECE_BYTES: number = 1024 * 1024;

export interface LocalBlobOptions {
  readonly files: Pick<Files, "openRead">;
  /** With every link resolved: a link at its last step is refused. */
  readonly path: string;
  /** Its remote's name. */
  readonly name: string;
}

/** A blob that is a file of this machine. */
export function localBlob(options: LocalBlobOptions): BlobSource {
  return new LocalBlob(options);
}

class LocalBlob implements BlobSource {
  readonly name: string;
  private readonly options: LocalBlobOptions;
  private version: string | null = null;

  constructor(options: LocalBlobOptions) {
    this.options = options;
    this.name = options.name;
  }

  validator(): string | null {
    return this.version;
  }

  expect(validator: string): void {
    this.version = validator;
  }

  forget(): void {
    this.version = null;
  }

  async chunk(request: ChunkRequest): Promise<ChunkOutcome> {
    const { offsetBytes, sizeBytes } = request;
    const outcome = await this.copy(request, offsetBytes, (facts) =>
      offsetBytes + sizeBytes <= facts.sizeBytes ? sizeBytes : null,
    );
    return outcome.kind === "got" ? { kind: "got" } : outcome;
  }

  whole(request: WholeRequest): Promise<WholeOutcome> {
    return this.copy(request, 0, ({ sizeBytes }) => (sizeBytes <= request.maxBytes ? sizeBytes : null));
  }

  private async copy(
    request: Pick<ChunkRequest, "file" | "signal" | "onBytes">,
    offsetBytes: number,
    sizeOf: (facts: FileFacts) => number | null,
  ): Promise<WholeOutcome> {
    request.signal.throwIfAborted();
    const from = await reading(() => this.options.files.openRead(this.options.path));
    if (from.kind === "failed") return from;
    try {
      return await this.copyFrom(from.value, request, offsetBytes, sizeOf);
    } finally {
      await from.value.close();
    }
  }

  private async copyFrom(
    from: OpenFile,
    request: Pick<ChunkRequest, "file" | "signal" | "onBytes">,
    offsetBytes: number,
    sizeOf: (facts: FileFacts) => number | null,
  ): Promise<WholeOutcome> {
    const before = await reading(() => from.facts());
    if (before.kind === "failed") return before;
    const facts = before.value;
    if (facts.kind !== "file") return failed("not-found", "is not a regular file any more");
    const version = versionOf(facts);
    if (this.version !== null && this.version !== version) return changed();
    const sizeBytes = sizeOf(facts);
    if (sizeBytes === null) return failed("size", `is ${facts.sizeBytes} bytes long`);
    const short = await copyPieces(from, request, offsetBytes, sizeBytes);
    if (short !== null) return short;
    // Somebody may have written to it meanwhile.
    const after = await reading(() => from.facts());
    if (after.kind === "failed") return after;
    if (versionOf(after.value) !== version) return changed();
    this.version ??= version;
    return { kind: "got", sizeBytes };
  }
}

/** Null when all of it was copied. */
async function copyPieces(
  from: OpenFile,
  { file, signal, onBytes }: Pick<ChunkRequest, "file" | "signal" | "onBytes">,
  offsetBytes: number,
  sizeBytes: number,
): Promise<WholeOutcome | null> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes));
  for (let done = 0; done < sizeBytes; ) {
    signal.throwIfAborted();
    const piece = buffer.subarray(0, Math.min(buffer.length, sizeBytes - done));
    const at = offsetBytes + done;
    const got = await reading(() => from.readAt(piece, at));
    if (got.kind === "failed") return got;
    if (got.value !== piece.length) return changed();
    // An error here is the own disk's, and no fault of this source.
    await file.writeAt(piece, at);
    done += piece.length;
    onBytes(piece.length);
  }
  return null;
}

/** A file that is replaced has another inode, one that is written to another time. */
function versionOf({ sizeBytes, modifiedNs, inode }: FileFacts): string {
  return `file ${sizeBytes} ${modifiedNs} ${inode}`;
}

function changed(): WholeOutcome {
  return { kind: "changed", why: "the file was written to" };
}

/** What is wrong with this one file; everything else is thrown on. */
const TROUBLE: ReadonlyMap<string, readonly [code: string, why: string]> = new Map([
  ["ENOENT", ["not-found", "is not there any more"]],
  ["ENOTDIR", ["not-found", "is not there any more"]],
  ["ELOOP", ["not-found", "is a symbolic link now"]],
  ["EACCES", ["auth", "permission denied"]],
  ["EPERM", ["auth", "permission denied"]],
  ["EIO", ["io", "cannot be read: input/output error"]],
  ["ESTALE", ["io", "is on a file system that went away"]],
  ["ENODEV", ["io", "is on a device that went away"]],
  ["ENXIO", ["io", "is on a device that went away"]],
  ["EISDIR", ["not-found", "is a folder now"]],
]);

async function reading<T>(
  read: () => Promise<T>,
): Promise<{ readonly kind: "read"; readonly value: T } | SourceFailure> {
  try {
    return { kind: "read", value: await read() };
  } catch (error) {
    const trouble = TROUBLE.get(systemCode(error) ?? "");
    if (trouble === undefined) throw error;
    return failed(...trouble);
  }
}

function failed(code: string, why: string): SourceFailure {
  return { kind: "failed", code, why, retry: "never", afterMs: null };
}
