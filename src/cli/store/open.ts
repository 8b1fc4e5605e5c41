import { isAbsolute, resolve } from "node:path";
import { AprError } from "../../base/errors.ts";
import { openOrMakeStore, openStore, requireStore, type Store } from "../../store/store.ts";
import { requireHeadroom } from "../../world/node/headroom.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import { hasConfigFile } from "../config/places.ts";
import type { AprContext } from "../context.ts";
import type { StoreFlags } from "./store-flags.ts";
import { storeFolder } from "./folder.ts";

/** `--store`, else `APR_MODELS`, else the config files' `models`, else `~/.apr/models`. */
export async function storePath(context: AprContext, flags: StoreFlags): Promise<string> {
  const { env } = context;
  const told = flags.store ?? env["APR_MODELS"] ?? "";
  if (told !== "") return absolute(told);
  return (await configuredStore(env)) ?? storeFolder(env) ?? homeFolder(context);
}

async function configuredStore(env: AprContext["env"]): Promise<string | null> {
  const { files } = nodeStoreWorld;
  const folder = workingFolder();
  if (!(await hasConfigFile(files, env, folder))) return null;
  const { loadSetting } = await import("../config/load.ts");
  return (await loadSetting("models", { files, env, folder })).value;
}

export function homeFolder(context: AprContext): string {
  const home = context.env["HOME"] ?? "";
  if (isAbsolute(home)) return home;
  throw new AprError("usage", "no home folder to keep models in", {
    hint: "set APR_MODELS, or use --store DIR",
  });
}

export function absolute(path: string): string {
  return resolve(workingFolder(), path);
}

/** A store to read; one that is not there yet holds no tag. */
export async function readableStore(context: AprContext, flags: StoreFlags): Promise<Store | null> {
  return openStore(nodeStoreWorld, await storePath(context, flags));
}

/** A store that must be there: for commands that name a tag. */
export async function existingStore(context: AprContext, flags: StoreFlags): Promise<Store> {
  return requireStore(nodeStoreWorld, await storePath(context, flags));
}

export async function writableStore(context: AprContext, flags: StoreFlags): Promise<Store> {
  return openOrMakeStore(nodeStoreWorld, await storePath(context, flags));
}

/**
 * Runs work that SIGINT and SIGTERM stop cleanly: it ends with `interrupted` or `terminated`. Once it has succeeded,
 * they are ignored until the process ends: what is done and said to be done must not exit 130.
 */
export async function stoppable<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  requireHeadroom();
  const abort = new AbortController();
  const off = onStopSignal((name) => {
    const kind = name === "SIGINT" ? "interrupted" : "terminated";
    abort.abort(new AprError(kind, `stopped by ${name}; nothing was left behind`));
  });
  try {
    return await use(abort.signal);
  } catch (error) {
    off();
    throw error;
  }
}
