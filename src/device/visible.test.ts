import { expect, test } from "vitest";
import { visibleOf } from "./visible.ts";

const devices = [
  { index: 0, uuid: "GPU-11111111-aaaa" },
  { index: 1, uuid: "GPU-11112222-bbbb" },
  { index: 2, uuid: "MIG-33333333-cccc" },
] as const;

test.each([
  [undefined, [0, 1, 2]],
  ["", []],
  ["1", [1]],
  ["1,0", [1, 0]],
  [" 1 , 0 ", [1, 0]],
  ["0,2,-1,1", [0, 2]],
  ["0,7,1", [0]],
  ["-1", []],
  ["NoDevFiles", []],
  ["0,0", []],
  ["1gpu,0", [1, 0]],
  ["GPU-11112", [1]],
  ["GPU-11112222-bbbb,GPU-11111111", [1, 0]],
  ["GPU-1111", []],
  ["GPU-", []],
  ["GPU-11112,0", [1]],
  ["GPU-9,GPU-11112", []],
  ["GPU-11111111,GPU-11111111-aaaa", []],
  ["MIG-3333", [2]],
  ["MIG-3333,GPU-11112", [2]],
  ["99999999999999999999", []],
] as const)("CUDA_VISIBLE_DEVICES=%j leaves %j", (value, expected) => {
  expect(visibleOf(devices, value).map(({ index }) => index)).toEqual(expected);
});
