import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { type Collected, collect } from "../../store/gc.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { readableStore, stoppable } from "../store/open.ts";
import { table } from "../store/table.ts";

export interface GcFlags extends StoreFlags {
  readonly dryRun: boolean;
}

const NOTHING: Collected = { kind: "collected", blobs: [], freedBytes: 0, works: 0 };
const WHY = "no tag names it";

export const run: Run<GcFlags, []> = async (context, flags) => {
  const store = await readableStore(context, flags);
  const done =
    store === null ? NOTHING : await stoppable((signal) => collect(store, { dryRun: flags.dryRun, signal }));
  if (done.kind === "refused") {
    const [first] = done.unreadable;
    throw new AprError(
      "malformed",
      `nothing was deleted: ${first?.path ?? "a manifest"} cannot be read (${first?.why ?? ""})`,
      {
        hint: "it may name any blob; mend it, or remove it with apr rm",
        fields: { code: "unreadable-manifest", path: first?.path ?? "", unreadable: done.unreadable.length },
      },
    );
  }
  const { blobs, freedBytes, works } = done;
  if (flags.json) {
    const freed = blobs.map(({ digest, sizeBytes }) => ({ digest, size: sizeBytes, why: WHY }));
    const document = { dry_run: flags.dryRun, freed_bytes: freedBytes, blobs: freed, cleared_work: works };
    context.out(`${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const rows = flags.dryRun
    ? blobs.map(({ digest, sizeBytes }) => [digest.slice(7, 19), formatBytes(sizeBytes), WHY])
    : [];
  const verb = flags.dryRun ? "would free" : "freed";
  const work = works === 0 ? "" : `, ${works} unfinished ${works === 1 ? "piece" : "pieces"} of work cleared`;
  context.out(`${table(rows, [1])}  ${verb} ${formatBytes(freedBytes)} in ${blobs.length} blobs${work}\n`);
  return EXIT.ok;
};
