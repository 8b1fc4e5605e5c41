import type { Run } from "./data.ts";

/** What a simulated registry is given by its world, and what it can do. */
export interface RegistryOptions {
  /** In this world, lower-case hex. */
  readonly digestOf: (runs: readonly Run[]) => string;
  /** One of so many moods: 0 is the good one. */
  readonly mood: (count: number) => number;
  /** True when blobs may be mounted from one repository into another. */
  readonly mounts: boolean;
}
