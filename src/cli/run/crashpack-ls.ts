import { AprError, EXIT } from "../../base/errors.ts";
import { listPacks } from "../../crashpack/keep.ts";
import { type Headline, packHeadline } from "../../crashpack/headline.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { CommonFlags, Run } from "../context.ts";
import { packFolder } from "../crashpack/find.ts";
import { table } from "../store/table.ts";

export const run: Run<CommonFlags, [string?]> = async (context, flags, told) => {
  const folder = packFolder(context, told);
  const packs = await listPacks(nodeStoreWorld, folder);
  if (packs === null && told !== undefined) {
    throw new AprError("not-found", `no such folder: ${folder}`, { fields: { path: folder } });
  }
  const lines: Line[] = [];
  for (const { name, path, modifiedNs } of packs ?? []) {
    const modified = new Date(Number(modifiedNs / 1_000_000n)).toISOString();
    lines.push({ name, path, modified, headline: await packHeadline(nodeStoreWorld, path) });
  }
  if (flags.json) {
    context.out(`${JSON.stringify({ folder, packs: lines.map(document) })}\n`);
  } else if (lines.length === 0) {
    context.out(`  no crashpacks in ${JSON.stringify(folder)}\n`);
  } else {
    context.out(table([["NAME", "VIOLATIONS", "FIRST", "WRITTEN"], ...lines.map(row)], [1]));
  }
  return EXIT.ok;
};

interface Line {
  readonly name: string;
  readonly path: string;
  readonly modified: string;
  /** Null where manifest or journal cannot be read. */
  readonly headline: Headline | null;
}

function document({ name, path, modified, headline }: Line): object {
  const { violations = null, first = null } = headline ?? {};
  return { name, path, modified, readable: headline !== null, violations, first };
}

function row({ name, modified, headline }: Line): string[] {
  const when = modified.replace("T", " ").slice(0, 16);
  if (headline === null) return [name, "?", "damaged: apr crashpack verify", when];
  return [name, String(headline.violations), headline.first ?? "-", when];
}
