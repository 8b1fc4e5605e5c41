import { type DeviceFacts, deviceFacts } from "../../../src/oom/snapshot/facts.ts";
import { SnapshotReader } from "../../../src/oom/snapshot/reader.ts";

/** What the product makes of a snapshot, device by device. */
export function factsOf(bytes: Uint8Array): DeviceFacts[] {
  const reader = new SnapshotReader();
  reader.push(bytes);
  return [...reader.end().devices]
    .sort(([a], [b]) => a - b)
    .map(([device, state]) => deviceFacts(device, state));
}
