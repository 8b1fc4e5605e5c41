import type { CopyFromOptions, FileFacts, OpenFile } from "../../world/files.ts";
import type { NetBody } from "../../world/net.ts";
import { aBoolean, aNumber, bytes, facts, nothing, object, orNull } from "./codecs.ts";
import { MAX_KEPT_BYTES } from "./format.ts";
import type { Tainted } from "./tainted.ts";
import type { Wire } from "./wire.ts";

const read = object<{ readonly got: number; readonly content: Uint8Array | null }>({
  got: aNumber,
  content: orNull(bytes),
});

/** An open file on a wire. What it is called is told by its number among the files of its path. */
export class WiredFile implements OpenFile {
  readonly #wire: Wire;
  /** Null where there is no world. */
  readonly #inner: OpenFile | null;
  readonly #name: string;
  readonly #tainted: Tainted;

  constructor(wire: Wire, inner: OpenFile | null, name: string, tainted: Tainted) {
    this.#wire = wire;
    this.#inner = inner;
    this.#name = name;
    this.#tainted = tainted;
  }

  /** The file that a world of its own knows. */
  get inner(): OpenFile {
    if (this.#inner === null) throw new TypeError("a replay has no files");
    return this.#inner;
  }

  facts(): Promise<FileFacts> {
    return this.#wire.call(`file facts ${this.#name}`, facts, () => this.inner.facts());
  }

  async readAt(buffer: Uint8Array, offsetBytes: number): Promise<number> {
    const words = `file read ${this.#name} ${offsetBytes} ${buffer.length}`;
    const { content, got } = await this.#wire.call(words, read, async () => {
      const count = await this.inner.readAt(buffer, offsetBytes);
      return { got: count, content: count <= MAX_KEPT_BYTES ? buffer.slice(0, count) : null };
    });
    if (content === null) this.#tainted.add(buffer);
    else buffer.set(content);
    return got;
  }

  writeAt(data: Uint8Array, offsetBytes: number): Promise<void> {
    const words = `file write ${this.#name} ${offsetBytes} ${data.length}`;
    return this.#wire.call(words, nothing, () => this.inner.writeAt(data, offsetBytes));
  }

  copyFrom(from: OpenFile, { onCopied, signal }: CopyFromOptions): Promise<number> {
    return this.#wire.call(
      `file copy ${this.#name}`,
      aNumber,
      ({ number }) => this.inner.copyFrom(innerOf(from), { signal, onCopied: number }),
      { number: onCopied, signal },
    );
  }

  takeRange(from: OpenFile, offsetBytes: number, sizeBytes: number): Promise<boolean> {
    return this.#wire.call(`file take ${this.#name} ${offsetBytes} ${sizeBytes}`, aBoolean, () =>
      this.inner.takeRange(innerOf(from), offsetBytes, sizeBytes),
    );
  }

  rewrite(offsetBytes: number, sizeBytes: number): Promise<void> {
    return this.#wire.call(`file rewrite ${this.#name} ${offsetBytes} ${sizeBytes}`, nothing, () =>
      this.inner.rewrite(offsetBytes, sizeBytes),
    );
  }

  reserve(sizeBytes: number): Promise<boolean> {
    return this.#wire.call(`file reserve ${this.#name} ${sizeBytes}`, aBoolean, () =>
      this.inner.reserve(sizeBytes),
    );
  }

  setMode(mode: number): Promise<void> {
    return this.#wire.call(`file mode ${this.#name} ${mode}`, nothing, () => this.inner.setMode(mode));
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#wire.call(`file cut ${this.#name} ${sizeBytes}`, nothing, () =>
      this.inner.truncate(sizeBytes),
    );
  }

  sync(): Promise<void> {
    return this.#wire.call(`file sync ${this.#name}`, nothing, () => this.inner.sync());
  }

  close(): Promise<void> {
    return this.#wire.call(`file close ${this.#name}`, nothing, () => this.inner.close());
  }
}

/** What the real world takes in place of a file on a wire. */
export function innerOf(file: OpenFile): OpenFile {
  return file instanceof WiredFile ? file.inner : file;
}

/** The same for a body; `number` hears of what was sent. */
export function innerBody(body: NetBody | undefined, number: (value: number) => void): NetBody | undefined {
  if (body === undefined || body.kind === "bytes") return body;
  return { ...body, file: innerOf(body.file), onBytes: number };
}
