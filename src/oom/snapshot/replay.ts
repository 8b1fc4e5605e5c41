import type { OomOp } from "../detail.ts";
import { BUCKETS, bucketOf } from "../buckets.ts";
import type { PickleList } from "../pickle/values.ts";
import { Curve } from "./curve.ts";
import type { Address, TraceEvent } from "./event.ts";
import { type Holder, Holders } from "./holders.ts";

const MAX_OPS = 100;

/** Blocks alive at one time. Each takes about 100 bytes of memory. */
const MAX_LIVE = 4_000_000;

interface Live {
  readonly bytes: number;
  readonly frames: PickleList | null;
}

/** An out-of-memory that the trace records. */
export interface OomEvent {
  readonly bytes: number;
  readonly deviceFree: number | null;
  readonly frames: PickleList | null;
}

/**
 * Replays one device's trace. A trace may begin late, so sums are relative to an unknown start until `finish`: a block
 * that is freed and was never allocated was there from the start.
 */
export class Replay {
  readonly #live = new Map<Address, Live>();
  /** Freed by the program, still in use by a stream: their end is recorded apart. */
  readonly #ending = new Set<Address>();
  readonly #holders = new Holders();
  readonly #buckets = new Int32Array(BUCKETS);
  #bucketsAtPeak = new Int32Array(BUCKETS);
  /** Blocks that were there before the first event. */
  readonly #bucketsBefore = new Int32Array(BUCKETS);
  readonly #allocated = new Curve();
  readonly #reserved = new Curve();
  /** The last operations, in a ring. */
  readonly #ops: OomOp[] = [];
  #opCount = 0;
  #bytes = 0;
  #peakBytes = 0;
  #before = 0;
  #segmentBytes = 0;
  #peakSegmentBytes = 0;
  #startUs: number | null = null;
  #lastNs = 0;
  events = 0;
  segmentEvents = 0;
  /** Events that contradict others, or that nothing is known of. */
  odd = 0;
  timed = true;
  oom: OomEvent | null = null;

  apply(event: TraceEvent): void {
    this.events += 1;
    const ns = this.#clock(event.timeUs);
    if (event.action !== "snapshot") this.#note(event, ns);
    switch (event.action) {
      case "alloc":
        this.#alloc(event);
        break;
      case "free_requested":
        this.#free(event, true);
        break;
      case "free_completed":
      case "free":
        if (!this.#hasEnded(event.address)) this.#free(event, false);
        break;
      case "segment_alloc":
      case "segment_map":
        this.#segment(event.bytes);
        break;
      case "segment_free":
      case "segment_unmap":
        this.#segment(-event.bytes);
        break;
      case "oom":
        this.oom = { bytes: event.bytes, deviceFree: event.deviceFree, frames: event.frames };
        break;
      case "snapshot":
      case "user_defined":
        break;
      default:
        this.odd += 1;
    }
    this.#allocated.add(ns / 1e6, this.#bytes);
    this.#reserved.add(ns / 1e6, this.#segmentBytes);
  }

  isLive(address: Address): boolean {
    return this.#live.has(address);
  }

  /** A block that the segments hold and the trace does not know: it was there before the first event. */
  addBefore(frames: PickleList | null, bytes: number): void {
    this.#before += bytes;
    this.#holders.addBefore(frames, bytes);
    const bucket = bucketOf(bytes);
    this.#bucketsBefore[bucket] = (this.#bucketsBefore[bucket] ?? 0) + 1;
  }

  /** Sums in bytes. `heldNow` is what all segments hold at the end; null when it is not known. */
  finish(segmentsNow: number | null): Replayed {
    // What segments hold now, less what changed, is what they held at the start; less than nothing contradicts itself.
    const start = Math.max(0, segmentsNow === null ? -this.#lowest() : segmentsNow - this.#segmentBytes);
    return {
      peakAllocatedBytes: this.#before + this.#peakBytes,
      allocatedBytes: this.#before + this.#bytes,
      beforeBytes: this.#before,
      peakReservedBytes: start + this.#peakSegmentBytes,
      holders: this.#holders.atPeak(),
      buckets: this.#bucketsAtPeak.map((count, bucket) => count + (this.#bucketsBefore[bucket] ?? 0)),
      ops: this.#lastOps(),
      allocated: this.#allocated.points(this.#before),
      reserved: this.#reserved.points(start),
    };
  }

  #lastOps(): OomOp[] {
    const first = this.#opCount > MAX_OPS ? this.#opCount % MAX_OPS : 0;
    return [...this.#ops.slice(first), ...this.#ops.slice(0, first)];
  }

  #lowest(): number {
    return Math.min(0, ...this.#reserved.points(0).map(({ bytes }) => bytes));
  }

  #clock(timeUs: number | null): number {
    if (timeUs === null) {
      this.timed = false;
      // Older files have no time: events are counted instead, a microsecond each.
      this.#lastNs = this.events * 1000;
      return this.#lastNs;
    }
    this.#startUs ??= timeUs;
    // Threads may record a little out of order; the report's operations never go back in time.
    const ns = (timeUs - this.#startUs) * 1000;
    if (ns > this.#lastNs && Number.isSafeInteger(ns)) this.#lastNs = ns;
    return this.#lastNs;
  }

  #note({ action, bytes }: TraceEvent, ns: number): void {
    this.#ops[this.#opCount % MAX_OPS] = { op: action === "" ? "(none)" : action, bytes, ts_ns: ns };
    this.#opCount += 1;
  }

  #alloc({ address, bytes, frames }: TraceEvent): void {
    if (address === null) {
      this.odd += 1;
      return;
    }
    const old = this.#live.get(address);
    if (old !== undefined) {
      // Its end was not recorded.
      this.odd += 1;
      this.#count(old.frames, old.bytes, -1);
    } else if (this.#live.size >= MAX_LIVE) {
      this.odd += 1;
      return;
    }
    if (this.#ending.size > 0) this.#ending.delete(address);
    this.#live.set(address, { bytes, frames });
    this.#count(frames, bytes, 1);
    if (this.#bytes <= this.#peakBytes) return;
    this.#peakBytes = this.#bytes;
    this.#holders.markPeak();
    this.#bucketsAtPeak = this.#buckets.slice();
  }

  /** True when the free of this block was counted when the program asked for it. */
  #hasEnded(address: Address | null): boolean {
    return address !== null && this.#ending.size > 0 && this.#ending.delete(address);
  }

  #free({ address, bytes }: TraceEvent, more: boolean): void {
    if (address === null) {
      this.odd += 1;
      return;
    }
    if (more && this.#ending.size < MAX_LIVE) this.#ending.add(address);
    const live = this.#live.get(address);
    if (live === undefined) this.addBefore(null, bytes);
    this.#live.delete(address);
    this.#count(live?.frames ?? null, live?.bytes ?? bytes, -1);
  }

  #count(frames: PickleList | null, bytes: number, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#holders.add(frames, bytes, sign);
    const bucket = bucketOf(bytes);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + sign;
  }

  #segment(bytes: number): void {
    this.segmentEvents += 1;
    this.#segmentBytes += bytes;
    this.#peakSegmentBytes = Math.max(this.#peakSegmentBytes, this.#segmentBytes);
  }
}

/** What a replay found; all bytes absolute. */
export interface Replayed {
  readonly peakAllocatedBytes: number;
  readonly allocatedBytes: number;
  /** Allocated before the first event. */
  readonly beforeBytes: number;
  readonly peakReservedBytes: number;
  /** Who held memory at the peak, the largest first. */
  readonly holders: readonly Holder[];
  readonly buckets: Int32Array;
  readonly ops: readonly OomOp[];
  readonly allocated: readonly { readonly t: number; readonly bytes: number }[];
  readonly reserved: readonly { readonly t: number; readonly bytes: number }[];
}
