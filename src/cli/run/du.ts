import { EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { type DiskUse, diskUse } from "../../store/du.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { readableStore } from "../store/open.ts";
import { table } from "../store/table.ts";

export interface DuFlags extends StoreFlags {}

const NO_BYTES = { realBytes: 0, sharedBytes: 0, savedBytes: 0, unnamedBytes: 0, unfinishedBytes: 0 };
const NOTHING: DiskUse = { ...NO_BYTES, tags: [] };

export const run: Run<DuFlags, []> = async (context, flags) => {
  const store = await readableStore(context, flags);
  const use = store === null ? NOTHING : await diskUse(store);
  if (flags.json) {
    const document = {
      real_bytes: use.realBytes,
      shared_bytes: use.sharedBytes,
      saved_bytes: use.savedBytes,
      unnamed_bytes: use.unnamedBytes,
      unfinished_bytes: use.unfinishedBytes,
      tags: use.tags.map(({ tag, sizeBytes, sharedBytes }) => ({
        tag,
        size: sizeBytes,
        shared: sharedBytes,
      })),
    };
    context.out(`${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const rows = use.tags.map(({ tag, sizeBytes, sharedBytes }) => [
    tag,
    formatBytes(sizeBytes),
    formatBytes(sharedBytes),
  ]);
  const unnamed = use.unnamedBytes === 0 ? "" : `, ${formatBytes(use.unnamedBytes)} for apr gc to free`;
  const unfinished =
    use.unfinishedBytes === 0 ? "" : `, ${formatBytes(use.unfinishedBytes)} in unfinished transfers`;
  const total = `${formatBytes(use.realBytes)} on disk, ${formatBytes(use.savedBytes)} saved`;
  context.out(`${table([["TAG", "SIZE", "SHARED"], ...rows], [1, 2])}\n  ${total}${unnamed}${unfinished}\n`);
  return EXIT.ok;
};
