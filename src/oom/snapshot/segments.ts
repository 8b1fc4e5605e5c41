import { PickleDict, PickleList, type PickleValue } from "../pickle/values.ts";
import { type Address, bytesOf } from "./event.ts";

/** Blocks that are allocated at the snapshot's moment. Each takes about 150 bytes of memory. */
const MAX_BLOCKS = 2_000_000;

/** A block that is allocated at the moment of the snapshot. */
export interface Block {
  readonly address: Address | null;
  /** What the program asked for; null where the file has only the rounded size. */
  readonly requestedBytes: number | null;
  readonly roundedBytes: number;
  readonly frames: PickleList | null;
}

/** What the segments of one device say at the moment of the snapshot. */
export class DeviceSegments {
  readonly blocks: Block[] = [];
  totalBytes = 0;
  count = 0;
  /** Blocks or segments that nothing could be read of. */
  odd = 0;

  add(segment: PickleDict): void {
    this.count += 1;
    this.totalBytes += bytesOf(segment.get("total_size")) ?? 0;
    const blocks = segment.get("blocks");
    if (!(blocks instanceof PickleList)) {
      this.odd += 1;
      return;
    }
    for (const item of blocks.items) {
      const block = item instanceof PickleDict ? blockOf(item) : null;
      if (block === null || this.blocks.length >= MAX_BLOCKS) this.odd += 1;
      else if (block !== "free") this.blocks.push(block);
    }
  }
}

/** Which device a segment is on. */
export function deviceOf(segment: PickleValue): number {
  const device = segment instanceof PickleDict ? segment.get("device") : undefined;
  return typeof device === "number" && device >= 0 ? device : 0;
}

/** A block's newest form has an address and a requested size; its oldest one a list of what was in it. */
function blockOf(block: PickleDict): Block | "free" | null {
  if (block.get("state") !== "active_allocated") return "free";
  const rounded = bytesOf(block.get("size"));
  if (rounded === null) return null;
  const history = block.get("history");
  const newest = history instanceof PickleList ? history.items[0] : undefined;
  const past = newest instanceof PickleDict ? newest : null;
  const frames = block.get("frames") ?? past?.get("frames");
  return {
    address: addressOf(block.get("address") ?? past?.get("addr")),
    requestedBytes: bytesOf(block.get("requested_size") ?? past?.get("real_size")),
    roundedBytes: rounded,
    frames: frames instanceof PickleList ? frames : null,
  };
}

function addressOf(value: PickleValue | undefined): Address | null {
  return typeof value === "number" || typeof value === "bigint" ? value : null;
}
