import { EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { exportTag } from "../../store/export.ts";
import type { ExportFormat } from "../../store/export-plan.ts";
import { parseRef } from "../../store/ref.ts";
import type { Run } from "../context.ts";
import { bar } from "../store/bar.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute, existingStore, stoppable } from "../store/open.ts";

export interface ExportFlags extends StoreFlags {
  readonly output: string;
  readonly format?: ExportFormat;
  readonly force: boolean;
  readonly link: boolean;
}

export const run: Run<ExportFlags, [string]> = async (context, flags, text) => {
  const ref = parseRef(text);
  const { format, force, link } = flags;
  const line = bar(context, "export");
  const done = await stoppable(async (signal) => {
    const store = await existingStore(context, flags);
    return exportTag(store, {
      ref,
      out: absolute(flags.output),
      format,
      force,
      link,
      signal,
      onBytes: line.add,
    });
  }).finally(line.done);
  const { tag, path, files, sizeBytes, how } = done;
  const document = { tag, path, format: done.format, files, bytes: sizeBytes, how };
  const ways = [...new Set(how)].join(", ");
  context.out(
    flags.json
      ? `${JSON.stringify(document)}\n`
      : `  ${tag} → ${path}  ${formatBytes(sizeBytes)} by ${ways}\n`,
  );
  return EXIT.ok;
};
