import { AprError } from "../../base/errors.ts";
import { digestOf } from "../../store/digest.ts";
import { blobPath } from "../../store/layout.ts";
import type { Descriptor } from "../../store/manifest.ts";
import type { OpenFile } from "../../world/files.ts";
import type { PushContext } from "./types.ts";

/**
 * A blob of the store, open to be sent. It is hashed beside the sending, from its first byte to its last:
 * no upload is completed before its digest was seen to be right here.
 */
export class LocalBlob {
  readonly file: OpenFile;
  readonly #blob: Descriptor;
  readonly #stop = new AbortController();
  readonly #release: () => void;
  readonly #hashing: Promise<void>;
  #failure: { readonly error: unknown } | null = null;

  private constructor(context: PushContext, file: OpenFile, blob: Descriptor) {
    this.file = file;
    this.#blob = blob;
    const onAbort = (): void => this.#stop.abort(context.signal.reason);
    context.signal.addEventListener("abort", onAbort);
    this.#release = () => context.signal.removeEventListener("abort", onAbort);
    // The failure is kept: whoever sends the blob looks at it, and nobody else awaits this.
    this.#hashing = this.#hash(context).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  static async open(context: PushContext, blob: Descriptor): Promise<LocalBlob> {
    const file = await context.world.files.openRead(blobPath(context.store.root, blob.digest));
    return new LocalBlob(context, file, blob);
  }

  /** Throws when the bytes are known to be wrong by now. */
  check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Waits until all bytes were hashed. Throws `malformed`, `damaged-blob`, when they are not what they should be. */
  async confirm(): Promise<void> {
    await this.#hashing;
    this.check();
  }

  async close(): Promise<void> {
    this.#release();
    this.#stop.abort();
    await this.#hashing;
    await this.file.close();
  }

  async #hash(context: PushContext): Promise<void> {
    const { digest, sizeBytes } = this.#blob;
    const path = blobPath(context.store.root, digest);
    context.signal.throwIfAborted();
    const hashed = await context.world.hash.file(path, { signal: this.#stop.signal });
    const actual = digestOf(hashed.hex);
    context.emit("hashed", { blob: digest, expected: digest, actual });
    if (actual === digest && hashed.sizeBytes === sizeBytes) return;
    throw new AprError("malformed", `a blob of the store is damaged: ${digest}`, {
      hint: "apr verify says which tags need it, and repairs it from a good copy",
      fields: { code: "damaged-blob", digest, actual },
    });
  }
}
