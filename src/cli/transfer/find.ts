import { AprError } from "../../base/errors.ts";
import type { Store } from "../../store/store.ts";
import { listTransfers, type Unfinished } from "../../transfer/transfers.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";

/** The one transfer whose id begins so. Throws `not-found` for none, `usage` for several. */
export async function findTransfer(store: Store, id: string): Promise<Unfinished> {
  const all = await listTransfers(nodeTransferWorld, store);
  const found = all.filter((each) => each.id.startsWith(id));
  const [only] = found;
  if (only !== undefined && new Set(found.map((each) => each.id)).size === 1) return only;
  if (found.length > 1 && id !== "") {
    throw new AprError("usage", `${found.length} transfers begin with ${id}`, { hint: "apr transfers ls" });
  }
  throw new AprError("not-found", `no unfinished transfer ${JSON.stringify(id.slice(0, 64))}`, {
    hint: "apr transfers ls",
    fields: { code: "no-transfer" },
  });
}
