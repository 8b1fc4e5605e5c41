import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import type { AprContext } from "../context.ts";
import { versionDocument } from "../device/version-document.ts";

/** `apr --version --json`: always printed, always exit 0; the verdict comes from contract `gputrain-007`. */
export async function version(context: AprContext): Promise<number> {
  context.out(`${stringifyJson(await versionDocument(nodeProbeWorld, context.env))}\n`);
  return EXIT.ok;
}
