import { describe, expect, test } from "vitest";
import { PickleDict, PickleList } from "../pickle/values.ts";
import type { TraceEvent } from "./event.ts";
import { stackText } from "./frames.ts";
import { Replay } from "./replay.ts";

/** A stack with an id of its own, as the reader keeps it. */
function stack(id: number): PickleList {
  const frame = new PickleDict();
  frame.keys = ["name", "filename", "line"];
  frame.items = [`f${id}`, "a.py", id];
  const list = new PickleList();
  list.items = [frame];
  list.id = id;
  return list;
}

const [A, B] = [stack(1), stack(2)];

function event(action: string, address: number, bytes: number, frames: PickleList | null = A): TraceEvent {
  return { action, address, bytes, frames, timeUs: null, deviceFree: null };
}

function replayed(events: readonly TraceEvent[], segmentsNow: number | null = null) {
  const replay = new Replay();
  for (const each of events) replay.apply(each);
  return { replay, result: replay.finish(segmentsNow) };
}

describe("a replay", () => {
  test("the peak is the highest sum, with those who held it then", () => {
    const { result } = replayed([
      event("alloc", 1, 100, A),
      event("alloc", 2, 50, B),
      event("free_requested", 1, 100),
      event("free_completed", 1, 100),
      event("alloc", 3, 20, B),
    ]);
    expect(result.peakAllocatedBytes).toBe(150);
    expect(result.allocatedBytes).toBe(70);
    expect(result.holders.map(({ frames, bytes, blocks }) => [frames, bytes, blocks])).toEqual([
      [A, 100, 1],
      [B, 50, 1],
    ]);
  });

  test("memory is free when the program asks, once, also when only the completion is recorded", () => {
    const both = replayed([
      event("alloc", 1, 100),
      event("free_requested", 1, 100),
      event("alloc", 2, 100),
      event("free_completed", 1, 100),
    ]);
    expect(both.result.peakAllocatedBytes).toBe(100);
    expect(both.result.allocatedBytes).toBe(100);
    const one = replayed([event("alloc", 1, 100), event("free_completed", 1, 100)]);
    expect(one.result.allocatedBytes).toBe(0);
  });

  test("a block that is freed without having been allocated was there from the start", () => {
    const { result } = replayed([
      event("alloc", 1, 10),
      event("free_completed", 9, 500),
      event("alloc", 2, 20),
    ]);
    expect(result).toMatchObject({ peakAllocatedBytes: 510, beforeBytes: 500, allocatedBytes: 30 });
    expect(result.holders[0]).toMatchObject({ frames: null, bytes: 500, blocks: 1 });
  });

  test("reserved is what segments hold, from what they hold at the end", () => {
    const events = [
      event("segment_alloc", 1, 1000),
      event("segment_free", 1, 1000),
      event("segment_map", 2, 300),
    ];
    expect(replayed(events, 800).result.peakReservedBytes).toBe(1500);
    expect(replayed(events).result.peakReservedBytes).toBe(1000);
  });

  test("an address that is allocated twice ends the first block, and counts as odd", () => {
    const { replay, result } = replayed([event("alloc", 1, 100), event("alloc", 1, 30), event("what", 2, 1)]);
    expect(replay.odd).toBe(2);
    expect(result.allocatedBytes).toBe(30);
  });

  test("the last hundred operations stay, in their order and with times that never go back", () => {
    const times = [5, 9, 7, 20];
    const replay = new Replay();
    for (const [index, timeUs] of times.entries()) replay.apply({ ...event("alloc", index, 1), timeUs });
    expect(replay.finish(null).ops.map(({ ts_ns }) => ts_ns)).toEqual([0, 4000, 4000, 15_000]);
    const many = replayed(Array.from({ length: 250 }, (_, index) => event("alloc", index, index)));
    expect(many.result.ops.map(({ bytes }) => bytes)).toEqual(
      Array.from({ length: 100 }, (_, index) => 150 + index),
    );
  });

  test("curves of any length keep their peak in bounded memory", () => {
    const { result } = replayed(
      Array.from({ length: 20_000 }, (_, index) =>
        index === 12_345
          ? event("alloc", -1, 1e9)
          : event(
              index === 12_346 ? "free_completed" : "alloc",
              index === 12_346 ? -1 : index,
              index === 12_346 ? 1e9 : 1,
            ),
      ),
    );
    expect(result.allocated.length).toBeLessThanOrEqual(1025);
    expect(Math.max(...result.allocated.map(({ bytes }) => bytes))).toBe(result.peakAllocatedBytes);
  });
});

test("frames are shown outermost first", () => {
  const list = stack(1);
  list.items = [...stack(7).items, ...stack(8).items];
  expect(stackText(list)).toEqual(["a.py:8 f8", "a.py:7 f7"]);
  expect(stackText(null)).toEqual(["(no stack recorded)"]);
});
