import { BUCKETS, bucketOf } from "../buckets.ts";
import type { Holder } from "./holders.ts";
import { Holders } from "./holders.ts";
import type { DeviceState } from "./reader.ts";
import type { OomEvent, Replayed } from "./replay.ts";
import type { Block } from "./segments.ts";

/** What a snapshot says of one device. All sizes of allocations are of one kind, requested or rounded. */
export interface DeviceFacts extends Replayed {
  readonly device: number;
  /** Where the trace is empty, the peak is what was held at the snapshot's moment. */
  readonly peakFrom: "replayed trace" | "moment of the snapshot";
  readonly sizes: "requested" | "rounded";
  readonly events: number;
  readonly timed: boolean;
  readonly oom: OomEvent | null;
  /** Reserved at the snapshot's moment; null where the file has no segments. */
  readonly reservedNowBytes: number | null;
  /** Blocks that were there before the trace began and whose requested size the file does not have; rounded bytes. */
  readonly leftOutBytes: number;
  /** Events, blocks and segments that contradict others or could not be read. */
  readonly odd: number;
}

/** Puts a device's trace and segments together. */
export function deviceFacts(device: number, { replay, segments }: DeviceState): DeviceFacts {
  const reservedNowBytes = segments.count === 0 ? null : segments.totalBytes;
  const common = {
    device,
    events: replay.events,
    timed: replay.timed,
    oom: replay.oom,
    reservedNowBytes,
    odd: replay.odd + segments.odd,
  };
  if (replay.events === 0) return { ...common, ...momentOf(segments.blocks, segments.totalBytes) };
  let leftOutBytes = 0;
  for (const { address, requestedBytes, roundedBytes, frames } of segments.blocks) {
    if (address !== null && replay.isLive(address)) continue;
    if (requestedBytes === null) leftOutBytes += roundedBytes;
    else replay.addBefore(frames, requestedBytes);
  }
  const replayed = replay.finish(reservedNowBytes);
  return { ...common, ...replayed, peakFrom: "replayed trace", sizes: "requested", leftOutBytes };
}

/** Without a trace: what is held at the moment of the snapshot, in one kind of size for all blocks. */
function momentOf(blocks: readonly Block[], totalBytes: number): Moment {
  const requested = blocks.every(({ requestedBytes }) => requestedBytes !== null);
  const holders = new Holders();
  const buckets = new Int32Array(BUCKETS);
  let bytes = 0;
  for (const { requestedBytes, roundedBytes, frames } of blocks) {
    const size = requested ? (requestedBytes ?? 0) : roundedBytes;
    bytes += size;
    holders.add(frames, size, 1);
    const bucket = bucketOf(size);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  holders.markPeak();
  return {
    ...{ peakAllocatedBytes: bytes, allocatedBytes: bytes, beforeBytes: 0, peakReservedBytes: totalBytes },
    ...{ holders: holders.atPeak(), buckets, ops: [], allocated: [], reserved: [], leftOutBytes: 0 },
    peakFrom: "moment of the snapshot",
    sizes: requested ? "requested" : "rounded",
  };
}

type Moment = Replayed & Pick<DeviceFacts, "peakFrom" | "sizes" | "leftOutBytes">;

/** The device that ran out of memory; where none did, the one with the highest peak. Null without any. */
export function mainDevice(devices: readonly DeviceFacts[]): DeviceFacts | null {
  const failed = devices.filter(({ oom }) => oom !== null);
  const candidates = failed.length > 0 ? failed : devices;
  return candidates.reduce<DeviceFacts | null>(
    (best, each) => (best === null || each.peakAllocatedBytes > best.peakAllocatedBytes ? each : best),
    null,
  );
}

/** The holder whose stack is the report's: the one that held the most at the peak and has a stack, if any has. */
export function largestHolder(holders: readonly Holder[]): Holder | null {
  return holders.find(({ frames }) => frames !== null && frames.items.length > 0) ?? holders[0] ?? null;
}
