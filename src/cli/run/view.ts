import { basename } from "node:path";
import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { markdownOf } from "../../reports/formats/markdown.ts";
import { perfettoOf } from "../../reports/formats/perfetto.ts";
import { speedscopeOf } from "../../reports/formats/speedscope.ts";
import type { Page } from "../../reports/html/blocks.ts";
import { htmlPage } from "../../reports/html/page.ts";
import { printable } from "../../reports/printable.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { CommonFlags, Run } from "../context.ts";
import { absolute } from "../store/open.ts";
import { viewerAssets } from "../view/assets.ts";
import { pageOf, pageOfTwo } from "../view/page-of.ts";

const FORMATS = ["html", "markdown", "perfetto", "speedscope"] as const;
export type ViewFormat = (typeof FORMATS)[number];

export interface ViewFlags extends CommonFlags {
  readonly output?: string;
  readonly to?: ViewFormat;
  readonly force: boolean;
}

export const run: Run<ViewFlags, [string, string?]> = async (context, flags, told, other) => {
  const path = absolute(told);
  const format = flags.to ?? formatOf(flags.output);
  const output = absolute(flags.output ?? `${basename(path) || "apr"}${ENDINGS[format]}`);
  if (!flags.force && (await nodeFiles.facts(output)) !== null) {
    throw new AprError("exists", `${output} is there already`, {
      hint: "use --force to replace it, or -o for another file",
      fields: { path: output },
    });
  }
  const page = other === undefined ? await pageOf(path) : await pageOfTwo(path, absolute(other));
  const written = await textOf(format, page);
  if (written === null) {
    throw new AprError("usage", `nothing of this evidence can be drawn as ${format}`, {
      hint: "--to html and --to markdown show every kind",
      fields: { code: "no-such-picture" },
    });
  }
  await nodeFiles.writeAtomic(output, written);
  const size = Buffer.byteLength(written);
  context.out(
    flags.json
      ? `${JSON.stringify({ path: output, format, size, title: page.title, finding: page.finding, verdict: page.verdict })}\n`
      : `  ${printable(page.finding)}\n  ${printable(output)}  ${formatBytes(size)}\n`,
  );
  return EXIT.ok;
};

const ENDINGS = { html: ".html", markdown: ".md", perfetto: ".trace.json", speedscope: ".speedscope.json" };

/** What the file's name says; HTML where it says nothing. */
function formatOf(output: string | undefined): ViewFormat {
  return FORMATS.find((format) => output?.endsWith(ENDINGS[format]) === true) ?? "html";
}

async function textOf(format: ViewFormat, page: Page): Promise<string | null> {
  switch (format) {
    case "html":
      return htmlPage(page, await viewerAssets());
    case "markdown":
      return markdownOf(page);
    case "perfetto":
      return perfettoOf(page);
    case "speedscope":
      return speedscopeOf(page);
  }
}
