import { nodeNet } from "./net.ts";
import { nodeStoreWorld } from "./store-world.ts";

/** The part of the real world that a transfer needs: a store's, and the network. */
export const nodeTransferWorld = { ...nodeStoreWorld, net: nodeNet } as const;
