import { fileURLToPath } from "node:url";
import { AprError } from "../../base/errors.ts";
import type { PageAssets } from "../../reports/html/page.ts";
import { nodeFiles } from "../../world/node/files.ts";

const MAX_ASSETS_BYTES = 2 * 1024 * 1024;

/** The viewer's script and style, as the build left them beside the commands. */
export async function viewerAssets(): Promise<PageAssets> {
  // From dist/run/view.js and from dist/chunks/*.js alike.
  const path = fileURLToPath(new URL("../viewer.json", import.meta.url));
  try {
    const bytes = await nodeFiles.readBounded(path, MAX_ASSETS_BYTES);
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as PageAssets;
  } catch (error) {
    throw new AprError("unexpected", "the viewer is not part of this build", { cause: error });
  }
}
