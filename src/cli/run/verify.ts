import { EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { parseRef } from "../../store/ref.ts";
import { type Verified, verifyStore } from "../../store/verify.ts";
import type { Run } from "../context.ts";
import { bar } from "../store/bar.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute, existingStore, readableStore, stoppable } from "../store/open.ts";
import { table } from "../store/table.ts";

export interface VerifyFlags extends StoreFlags {
  readonly repair?: string;
}

const NOTHING: Verified = { blobs: 0, sizeBytes: 0, problems: [], repaired: [] };

export const run: Run<VerifyFlags, string[]> = async (context, flags, ...texts) => {
  const refs = texts.map(parseRef);
  const store = refs.length > 0 ? await existingStore(context, flags) : await readableStore(context, flags);
  const line = bar(context, "verify");
  const done =
    store === null
      ? NOTHING
      : await stoppable((signal) =>
          verifyStore(store, {
            signal,
            onBytes: line.add,
            onTotal: line.expect,
            ...(refs.length > 0 ? { refs } : {}),
            ...(flags.repair === undefined ? {} : { repairFrom: absolute(flags.repair) }),
          }),
        ).finally(line.done);
  const exitCode = done.problems.length === 0 ? EXIT.ok : EXIT.failed;
  context.out(flags.json ? `${JSON.stringify(document(done, exitCode))}\n` : words(done));
  return exitCode;
};

function document({ blobs, sizeBytes, problems, repaired }: Verified, exitCode: number): object {
  return { blobs, bytes: sizeBytes, problems, repaired, exit_code: exitCode };
}

function words({ blobs, sizeBytes, problems, repaired }: Verified): string {
  const rows = problems.map(({ kind, subject, detail, tags }) => [
    kind.toUpperCase().replace("-", " "),
    subject,
    detail,
    tags.join(", "),
  ]);
  const mended = repaired.length === 0 ? "" : `, ${repaired.length} repaired`;
  const end =
    problems.length === 0
      ? "all sound"
      : `${problems.length} not sound; apr verify --repair SOURCE takes good bytes`;
  return `${table(rows)}  ${blobs} blobs, ${formatBytes(sizeBytes)}: ${end}${mended}\n`;
}
