import type { CommonFlags } from "../context.ts";

export interface CalibrateFlags extends CommonFlags {
  readonly seeds: readonly [number, number];
  readonly stores: readonly [number, number];
  readonly jobs: number;
  readonly out?: string;
}
