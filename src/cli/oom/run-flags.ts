import type { StoreFlags } from "../store/store-flags.ts";

export interface RunFlags extends StoreFlags {
  readonly report?: string;
  readonly reportDir?: string;
  readonly strictExit: boolean;
  readonly pytorch: boolean;
  readonly nodeReport?: boolean;
  readonly noStderr: boolean;
  readonly guard: boolean;
  readonly model?: string;
  readonly context?: number;
  readonly force: boolean;
  readonly device?: string;
  readonly requireGpu: boolean;
  /** Milliseconds. */
  readonly gpuDeadline: number;
}
