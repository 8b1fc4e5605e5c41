import { PickleDict, PickleList, type PickleValue } from "../pickle/values.ts";

/** An address, or whatever else a block is known by. */
export type Address = number | bigint;

/** One event of a trace, as recorded. */
export interface TraceEvent {
  readonly action: string;
  /** Null where there is none, as for an out-of-memory. */
  readonly address: Address | null;
  /** Requested bytes for blocks, whole segments' bytes for segments. */
  readonly bytes: number;
  readonly frames: PickleList | null;
  /** Microseconds; null in older files. */
  readonly timeUs: number | null;
  /** Free bytes of the device; of an out-of-memory only. */
  readonly deviceFree: number | null;
}

/** Where the fields lie in dicts with the same list of keys; -1 for what they lack. */
interface Places {
  readonly action: number;
  readonly addr: number;
  readonly size: number;
  readonly frames: number;
  readonly time: number;
  readonly free: number;
}

function placesIn(keys: readonly string[]): Places {
  return {
    action: keys.indexOf("action"),
    addr: keys.indexOf("addr"),
    size: keys.indexOf("size"),
    frames: keys.indexOf("frames"),
    time: keys.indexOf("time_us"),
    free: keys.indexOf("device_free"),
  };
}

/** Reads events; dicts of one form are looked through once. */
export class EventReader {
  #keys: readonly string[] = [];
  #places: Places = placesIn([]);
  readonly #known = new Map<readonly string[], Places>();

  /** Null for what is no event. Fields that are not what they should be count as absent. */
  read(item: PickleValue): TraceEvent | null {
    if (!(item instanceof PickleDict)) return null;
    if (item.keys !== this.#keys) this.#look(item.keys);
    const { items } = item;
    const at = this.#places;
    const action = items[at.action];
    const address = items[at.addr];
    const bytes = bytesOf(items[at.size]);
    const frames = items[at.frames];
    if (typeof action !== "string" || (bytes === null && action !== "snapshot")) return null;
    return {
      action,
      address: typeof address === "number" || typeof address === "bigint" ? address : null,
      bytes: bytes ?? 0,
      frames: frames instanceof PickleList ? frames : null,
      timeUs: timeOf(items[at.time]),
      deviceFree: bytesOf(items[at.free]),
    };
  }

  #look(keys: readonly string[]): void {
    let places = this.#known.get(keys);
    if (places === undefined) {
      places = placesIn(keys);
      // A snapshot has a handful of forms; a hostile one may have a form for each event.
      if (this.#known.size < 64) this.#known.set(keys, places);
    }
    this.#keys = keys;
    this.#places = places;
  }
}

/** Nothing has more memory than this, bytes: 1 PiB. A larger figure is none. */
const MAX_BYTES = 2 ** 50;

/** A number of bytes; null for anything else. */
export function bytesOf(value: PickleValue | undefined): number | null {
  return typeof value === "number" && value >= 0 && value <= MAX_BYTES ? value : null;
}

/** A time in microseconds; null for anything else. Times since 1970 are beyond 2^50. */
function timeOf(value: PickleValue | undefined): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}
