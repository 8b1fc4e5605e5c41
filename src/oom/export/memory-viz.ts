import type { Buffer } from "node:buffer";
import type { JsonObject } from "../../base/json.ts";
import { pickleOf } from "../pickle/write.ts";
import type { ReportView, ViewHolder } from "../report-view.ts";
import { frameParts } from "./frames.ts";

/** Where the made-up addresses begin: a report has none. */
const BASE_ADDRESS = 0x7f00_0000_0000;

/**
 * A snapshot for PyTorch's memory_viz: each stack that held memory at the peak is one block, allocated in turn, the
 * largest first. Addresses are made up, and a block stands for all blocks of its stack.
 */
export function memoryVizSnapshot(view: ReportView): Buffer {
  let address = BASE_ADDRESS;
  const placed = view.holders.map((holder) => {
    const at = address;
    address += holder.bytes;
    return { at, bytes: holder.bytes, frames: framesOf(holder) };
  });
  const total = address - BASE_ADDRESS;
  const blocks = placed.map(({ at, bytes, frames }): JsonObject => {
    return { address: at, size: bytes, requested_size: bytes, state: "active_allocated", frames };
  });
  const trace = placed.map(({ at, bytes, frames }, index): JsonObject => {
    return { action: "alloc", addr: at, size: bytes, stream: 0, frames, time_us: index };
  });
  const segment: JsonObject = {
    ...{ device: 0, address: BASE_ADDRESS, total_size: total, allocated_size: total, active_size: total },
    ...{
      requested_size: total,
      stream: 0,
      segment_type: "large",
      segment_pool_id: [0, 0],
      is_expandable: false,
    },
    ...{ frames: [], blocks },
  };
  return pickleOf({
    segments: [segment],
    device_traces: [trace],
    allocator_settings: {},
    external_annotations: [],
  });
}

/** The innermost first, as snapshots have them; how many blocks it stands for is a frame of its own. */
function framesOf({ stack, blocks }: ViewHolder): JsonObject[] {
  const frames = stack.map((frame): JsonObject => {
    const { name, file, line } = frameParts(frame);
    return { name, filename: file, line };
  });
  const count = blocks === 1 ? [] : [{ name: `${blocks} blocks of this stack`, filename: "", line: 0 }];
  return [...count, ...frames.reverse()];
}
