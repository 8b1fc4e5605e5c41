import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { abortTransfer, listTransfers, type Unfinished } from "../../transfer/transfers.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { existingStore, readableStore } from "../store/open.ts";
import { findTransfer } from "../transfer/find.ts";

export interface AbortFlags extends StoreFlags {
  readonly all: boolean;
}

export const run: Run<AbortFlags, string[]> = async (context, flags, ...ids) => {
  if (ids.length === 0 && !flags.all) {
    throw new AprError("usage", "which transfer?", { hint: "apr transfers abort ID, or --all" });
  }
  const store = flags.all ? await readableStore(context, flags) : await existingStore(context, flags);
  const chosen: Unfinished[] = [];
  if (store !== null) {
    const all = flags.all ? await listTransfers(nodeTransferWorld, store) : [];
    chosen.push(...all.filter(({ live }) => !live));
    for (const id of ids) chosen.push(await findTransfer(store, id));
    for (const each of chosen) await abortTransfer(store, each);
  }
  const aborted = chosen.map(({ id }) => id);
  const words = chosen.map(({ haveBytes, id }) => `  cleared ${id}  ${formatBytes(haveBytes)}\n`);
  context.out(flags.json ? `${JSON.stringify({ aborted })}\n` : words.join("") || "  nothing to clear\n");
  return EXIT.ok;
};
