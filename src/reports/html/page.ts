import type { Page } from "./blocks.ts";
import { htmlText, islandJson } from "./escape.ts";
import { packPicture } from "./pack-columns.ts";
import { Renderer } from "./render.ts";

/** The viewer's script and style, and their digests for the content policy (`sha256-<base64>`). */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  readonly scriptHash: string;
  readonly styleHash: string;
}

/**
 * One self-contained HTML file. No request leaves it: its content policy allows the one script and the one style
 * that stand in it, by their digests, and nothing else.
 */
export function htmlPage(page: Page, { script, scriptHash, style, styleHash }: PageAssets): string {
  const renderer = new Renderer();
  const body = renderer.blocks(page.blocks, 2);
  const policy = [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const islands = renderer.pictures
    .map(
      (picture, index) =>
        `<script type="application/json" id="picture-${index}">${islandJson(packPicture(picture))}</script>`,
    )
    .join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${htmlText(page.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${htmlText(page.title)}</h1>
<p class="finding ${page.verdict}">${htmlText(page.finding)}</p>
</header>
<main>
${body}
</main>
<p id="announce" role="status" aria-live="polite"></p>
${islands}
<script>${script}</script>
</body>
</html>
`;
}
