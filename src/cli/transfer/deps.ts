import { isAbsolute } from "node:path";
import { AprError } from "../../base/errors.ts";
import type { CommandPorts } from "../../transfer/command.ts";
import { loginsOf } from "../../transfer/logins.ts";
import { nodeProcesses } from "../../world/node/processes.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext } from "../context.ts";
import { describeModel } from "../store/describe.ts";
import type { TransferFlags } from "./flags.ts";

/** The real world, and where this person keeps logins. */
export function realPorts({ env }: AprContext): CommandPorts {
  const home = env["HOME"] ?? "";
  const { files, host, timers } = nodeTransferWorld;
  return {
    world: nodeTransferWorld,
    logins: loginsOf({
      ...{ env, files, timers, uid: host.uid },
      processes: nodeProcesses,
      // Without one there are no logins to look for.
      homeFolder: isAbsolute(home) ? home : "/",
      workingFolder: workingFolder(),
    }),
    describe: describeModel,
  };
}

/** How REFs are read and opened, for a command. */
export interface OpenOptions {
  readonly plainHttp: boolean;
  readonly ollamaUrl: string | null;
  readonly hubEndpoint: string | null;
  readonly workingFolder: string;
}

/** `APR_OLLAMA_REGISTRY` names another registry than Ollama's own for short names, `HF_ENDPOINT` another hub. */
export function openOptions(
  { env }: AprContext,
  { plainHttp }: Pick<TransferFlags, "plainHttp">,
): OpenOptions {
  const told = env["APR_OLLAMA_REGISTRY"] ?? "";
  if (told !== "" && !URL.canParse(told)) {
    throw new AprError("usage", "APR_OLLAMA_REGISTRY is not a URL", { fields: { code: "bad-url" } });
  }
  return {
    plainHttp,
    ollamaUrl: told === "" ? null : told,
    hubEndpoint: env["HF_ENDPOINT"] ?? null,
    workingFolder: workingFolder(),
  };
}
