import { basename } from "node:path";
import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { htmlPage } from "../../reports/html/page.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { CommonFlags, Run } from "../context.ts";
import { absolute } from "../store/open.ts";
import { viewerAssets } from "../view/assets.ts";
import { pageOf, pageOfTwo } from "../view/page-of.ts";

export interface ViewFlags extends CommonFlags {
  readonly output?: string;
  readonly force: boolean;
}

export const run: Run<ViewFlags, [string, string?]> = async (context, flags, told, other) => {
  const path = absolute(told);
  const output = absolute(flags.output ?? `${basename(path) || "apr"}.html`);
  if (!flags.force && (await nodeFiles.facts(output)) !== null) {
    throw new AprError("exists", `${output} is there already`, {
      hint: "use --force to replace it, or -o for another file",
      fields: { path: output },
    });
  }
  const page = other === undefined ? await pageOf(path) : await pageOfTwo(path, absolute(other));
  const html = htmlPage(page, await viewerAssets());
  await nodeFiles.writeAtomic(output, html);
  const size = Buffer.byteLength(html);
  context.out(
    flags.json
      ? `${JSON.stringify({ path: output, size, title: page.title, finding: page.finding, verdict: page.verdict })}\n`
      : `  ${printable(page.finding)}\n  ${printable(output)}  ${formatBytes(size)}\n`,
  );
  return EXIT.ok;
};
