import { isJsonArray, type Json } from "../../base/json.ts";
import type { TransferWorld } from "../../transfer/world.ts";
import type { Follower, Hash, HashedFile } from "../../world/hash.ts";
import type { Host } from "../../world/world.ts";
import { aBoolean, aNumber, aText, bytes, handle, nothing, object } from "./codecs.ts";
import { Tainted, WiredHasher } from "./tainted.ts";
import { wiredFiles } from "./wired-files.ts";
import { wiredNet } from "./wired-net.ts";
import type { Codec, Wire } from "./wire.ts";

/** A transfer's world on a wire. `real` is only asked where the wire asks; hashing in memory is always its own. */
export function wiredWorld(wire: Wire, real: TransferWorld, host: Host): TransferWorld {
  const tainted = new Tainted();
  return {
    clock: {
      monotonicMs: () => wire.clock("monotonic", () => real.clock.monotonicMs()),
      wallMs: () => wire.clock("wall", () => real.clock.wallMs()),
    },
    timers: {
      sleep: (ms, wake) => wire.call(`sleep ${ms}`, nothing, () => real.timers.sleep(ms, wake)),
    },
    files: wiredFiles(wire, real.files, tainted),
    hash: wiredHash(wire, real.hash, tainted),
    random: { bytes: (count) => wire.value(`random ${count}`, bytes, () => real.random.bytes(count)) },
    processes: {
      isAlive: (pid) => wire.value(`alive ${pid}`, aBoolean, () => real.processes.isAlive(pid)),
    },
    net: wiredNet(wire, real.net),
    host,
  };
}

const hashed: Codec<HashedFile> = object<HashedFile>({ hex: aText, sizeBytes: aNumber });

function wiredHash(wire: Wire, real: Hash, tainted: Tainted): Hash {
  return {
    sha256: () => new WiredHasher(wire, real.sha256(), tainted),
    file: (path, options = {}) =>
      wire.call(
        `hash ${path}`,
        hashed,
        ({ number }) => real.file(path, { ...options, ...(options.onBytes ? { onBytes: number } : {}) }),
        { number: options.onBytes, signal: options.signal },
      ),
    async follow(path, options = {}) {
      const { onBadPart, ...rest } = options;
      const inner = await wire.call(
        `follow ${path}`,
        handle<Follower>(),
        ({ told }) =>
          real.follow(path, {
            ...rest,
            ...(onBadPart === undefined ? {} : { onBadPart: (index, hex) => told([index, hex]) }),
          }),
        // It tells of them for as long as it follows, and so long after this call has come back.
        { told: (value) => onBadPart?.(...badPart(value)) },
      );
      return new WiredFollower(wire, inner, path);
    },
  };
}

function badPart(value: Json): [number, string] {
  const [index = null, hex = null] = isJsonArray(value) ? value : [];
  return [aNumber.decode(index), aText.decode(hex)];
}

class WiredFollower implements Follower {
  readonly #wire: Wire;
  readonly #inner: Follower | null;
  readonly #path: string;

  constructor(wire: Wire, inner: Follower | null, path: string) {
    this.#wire = wire;
    this.#inner = inner;
    this.#path = path;
  }

  advance(count: number): void {
    this.#inner?.advance(count);
  }

  again(): void {
    this.#inner?.again();
  }

  end(): Promise<HashedFile> {
    return this.#wire.call(`follow to the end ${this.#path}`, hashed, () => this.#real().end());
  }

  abandon(): Promise<void> {
    return this.#wire.call(`follow no more ${this.#path}`, nothing, () => this.#real().abandon());
  }

  #real(): Follower {
    if (this.#inner === null) throw new TypeError("a replay has no files");
    return this.#inner;
  }
}
