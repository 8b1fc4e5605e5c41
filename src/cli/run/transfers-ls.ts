import { EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { listTransfers, type Unfinished } from "../../transfer/transfers.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { readableStore } from "../store/open.ts";
import { table } from "../store/table.ts";

export const run: Run<StoreFlags, []> = async (context, flags) => {
  const store = await readableStore(context, flags);
  const found = store === null ? [] : await listTransfers(nodeTransferWorld, store);
  if (flags.json) {
    context.out(`${JSON.stringify({ transfers: found.map(document) })}\n`);
    return EXIT.ok;
  }
  if (found.length === 0) context.out("  no unfinished transfers\n");
  else context.out(table([["ID", "TAG", "HAVE", "OF", "STATE", "FROM"], ...found.map(row)], [2, 3]));
  return EXIT.ok;
};

function document({ from, haveBytes, id, kind, live, ref, tag, totalBytes }: Unfinished): object {
  return { id, kind, ref, from, tag, size: totalBytes, have: haveBytes, live };
}

function row({ haveBytes, id, kind, live, ref, tag, totalBytes }: Unfinished): string[] {
  const of = totalBytes === null ? "?" : formatBytes(totalBytes);
  const state = live ? "running" : kind === "push" ? "push, stopped" : "stopped";
  return [id, tag ?? "?", formatBytes(haveBytes), of, state, ref ?? "?"];
}
