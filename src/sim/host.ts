import type { Odds } from "./choices.ts";
import type { SimServer } from "./server.ts";

/** A host of the simulated network, and how it fares. */
export interface SimHost {
  readonly name: string;
  readonly server: SimServer;
  readonly odds: Odds;
  /** Nobody reaches it until then. */
  unreachableUntilUs: number;
  dead: boolean;
  /** No faults any more. */
  calm: boolean;
  /** Counts its new versions: they go into its ETags. */
  version: number;
  /** Requests that came so far. */
  asked: number;
}
