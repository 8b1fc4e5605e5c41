import type { Net } from "../world/net.ts";
import type { StoreWorld } from "../store/store.ts";

/** What a transfer needs of the world. */
export interface TransferWorld extends StoreWorld {
  readonly net: Net;
}
