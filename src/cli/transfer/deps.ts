import { isAbsolute } from "node:path";
import { AprError } from "../../base/errors.ts";
import { httpClient } from "../../transfer/http/client.ts";
import type { RemoteDeps, RemoteOptions } from "../../transfer/open-remote.ts";
import { nodeProcesses } from "../../world/node/processes.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext } from "../context.ts";
import type { TransferFlags } from "./flags.ts";

type NetworkFlags = Pick<TransferFlags, "plainHttp" | "stallTimeout">;

/** What remotes are opened with: the real network, and where this person keeps logins. */
export function remoteDeps(context: AprContext, { stallTimeout }: NetworkFlags): RemoteDeps {
  const home = context.env["HOME"] ?? "";
  const timeouts = { headTimeoutMs: stallTimeout, idleTimeoutMs: stallTimeout };
  return {
    world: nodeTransferWorld,
    client: httpClient(nodeTransferWorld.net, timeouts),
    processes: nodeProcesses,
    env: context.env,
    // Without one there are no logins to look for.
    homeFolder: isAbsolute(home) ? home : "/",
    workingFolder: workingFolder(),
  };
}

/** `APR_OLLAMA_REGISTRY` names another registry than Ollama's own for short names. */
export function remoteOptions(context: AprContext, { plainHttp }: NetworkFlags): RemoteOptions {
  const told = context.env["APR_OLLAMA_REGISTRY"];
  if (told === undefined || told === "") return { plainHttp };
  if (!URL.canParse(told)) {
    throw new AprError("usage", "APR_OLLAMA_REGISTRY is not a URL", { fields: { code: "bad-url" } });
  }
  return { plainHttp, ollamaUrl: new URL(told) };
}
