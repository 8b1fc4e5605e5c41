import type { JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { histogramOf } from "../buckets.ts";
import type { OomCause } from "../cause.ts";
import type { OomDetail } from "../detail.ts";
import { type DeviceFacts, largestHolder, mainDevice } from "./facts.ts";
import { stackText } from "./frames.ts";

/** Stacks that a report names, the largest first. */
const MAX_HOLDERS = 50;

/** Devices that a report names. */
const MAX_DEVICES = 64;

/** What a snapshot adds to a report: the detail, and a block of its own for what the contract has no key for. */
export interface SnapshotDetail {
  readonly detail: OomDetail;
  /** Null where no event says that memory ran out. */
  readonly cause: OomCause | null;
  readonly extra: JsonObject;
}

/** The detail of the device that ran out of memory. Null for a snapshot without any device. */
export function snapshotDetail(
  devices: readonly DeviceFacts[],
  source: string,
  oddItems: number,
): SnapshotDetail | null {
  const main = mainDevice(devices);
  if (main === null) return null;
  const { holders, oom } = main;
  const largest = largestHolder(holders);
  const curves = [
    { series: `device ${main.device} allocated`, points: main.allocated },
    ...(main.peakReservedBytes > 0
      ? [{ series: `device ${main.device} reserved`, points: main.reserved }]
      : []),
  ];
  const detail: OomDetail = {
    source,
    derived: ["peakAllocatedBytes", "peakReservedBytes", "largestAllocStack", "histogram", "curve"],
    ...safe("peakAllocatedBytes", main.peakAllocatedBytes),
    ...(main.peakReservedBytes > 0 ? safe("peakReservedBytes", main.peakReservedBytes) : {}),
    ...(largest === null ? {} : { largestAllocStack: stackText(largest.frames) }),
    ...(holders.length === 0 ? {} : { histogram: histogramOf(main.buckets) }),
    ...(main.ops.length === 0 ? {} : { lastOps: main.ops }),
    ...(main.allocated.length === 0
      ? {}
      : {
          curve: curves.flatMap(({ series, points }) =>
            points.map(({ t, bytes }) => ({ t_ms: t, bytes, series })),
          ),
        }),
    ...(oom === null ? {} : { requestedBytes: oom.bytes }),
    ...(oom === null || oom.deviceFree === null ? {} : { freeBytes: oom.deviceFree }),
    notes: [...notesOf(main), ...otherNotes(devices, main), ...oddNotes(devices, oddItems)],
  };
  return { detail, cause: causeOf(main), extra: { snapshot: snapshotJson(devices, main) } };
}

function causeOf({ device, oom, allocatedBytes }: DeviceFacts): OomCause | null {
  if (oom === null) return null;
  return {
    killer: "gpu",
    tool: "pytorch-cuda",
    device: String(device),
    requestedBytes: oom.bytes,
    ...(oom.deviceFree === null ? {} : { freeBytes: oom.deviceFree }),
    ...safe("usedBytes", allocatedBytes),
    certainty: "observed",
    evidence: [`an event "oom" in the trace of device ${device}`],
  };
}

/** Sums of a hostile file may be larger than any memory: such a figure is none. */
function safe<K extends string>(key: K, bytes: number): Partial<Record<K, number>> {
  return Number.isSafeInteger(bytes) ? ({ [key]: bytes } as Partial<Record<K, number>>) : {};
}

function notesOf(main: DeviceFacts): string[] {
  const { device, peakFrom, sizes, beforeBytes, leftOutBytes, oom, peakReservedBytes, peakAllocatedBytes } =
    main;
  return [
    ...(oom === null
      ? []
      : [
          `device ${device} ran out of memory: ${formatBytes(oom.bytes)} wanted, as the allocator rounds them`,
        ]),
    peakFrom === "replayed trace"
      ? `peaks are of device ${device}, replayed from ${main.events} events; allocations in requested bytes, reserved in whole segments`
      : `no events were recorded: peaks are what device ${device} held at the moment of the snapshot, in ${sizes} bytes`,
    ...(beforeBytes > 0 ? [`${formatBytes(beforeBytes)} were allocated before the first event`] : []),
    ...(leftOutBytes > 0
      ? [`not counted: ${formatBytes(leftOutBytes)} from before the first event, known in rounded bytes only`]
      : []),
    ...(main.events > 0 && !main.timed
      ? ["events carry no time: they are counted, one microsecond each"]
      : []),
    ...(peakReservedBytes > 0 && peakReservedBytes < peakAllocatedBytes
      ? ["the segments are smaller than what the trace allocates: the snapshot contradicts itself"]
      : []),
  ];
}

function otherNotes(devices: readonly DeviceFacts[], main: DeviceFacts): string[] {
  return devices
    .filter((each) => each !== main && each.peakAllocatedBytes + each.peakReservedBytes > 0)
    .slice(0, MAX_DEVICES)
    .map(
      ({ device, peakAllocatedBytes, peakReservedBytes }) =>
        `device ${device}: peak ${formatBytes(peakAllocatedBytes)} allocated, ${formatBytes(peakReservedBytes)} reserved`,
    );
}

function oddNotes(devices: readonly DeviceFacts[], oddItems: number): string[] {
  const odd = devices.reduce((sum, device) => sum + device.odd, oddItems);
  return odd === 0 ? [] : [`${odd} entries contradict others or could not be read, and are not counted`];
}

function snapshotJson(devices: readonly DeviceFacts[], main: DeviceFacts): JsonObject {
  return {
    device: main.device,
    peak_from: main.peakFrom,
    sizes: main.sizes,
    holders: main.holders.slice(0, MAX_HOLDERS).map(({ frames, bytes, blocks }) => ({
      bytes,
      blocks,
      stack: [...stackText(frames)],
    })),
    holders_left_out: Math.max(0, main.holders.length - MAX_HOLDERS),
    devices: devices.slice(0, MAX_DEVICES).map((each) => ({
      device: each.device,
      peak_allocated_bytes: each.peakAllocatedBytes,
      peak_reserved_bytes: each.peakReservedBytes,
      allocated_now_bytes: each.allocatedBytes,
      reserved_now_bytes: each.reservedNowBytes,
      events: each.events,
    })),
  };
}
