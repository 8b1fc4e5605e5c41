import { AprError, asAprError } from "../base/errors.ts";
import type { EmitTransfer } from "../evidence/transfer-events.ts";
import type { DescribeModel } from "../store/import.ts";
import { parseRef, type Ref } from "../store/ref.ts";
import { openOrMakeStore, requireStore } from "../store/store.ts";
import { httpClient } from "./http/client.ts";
import type { Logins } from "./logins.ts";
import { openReference, type RemoteDeps, type RemoteOptions } from "./open-remote.ts";
import { pull } from "./pull.ts";
import type { Pulled } from "./pull-request.ts";
import { push } from "./push/push.ts";
import type { Pushed, PushProgress } from "./push/types.ts";
import { parseReference } from "./reference.ts";
import { openRegistry } from "./registry/api.ts";
import type { Remote } from "./remote.ts";
import type { TransferNews } from "./transfer.ts";
import type { TransferWorld } from "./world.ts";

// `apr pull` and `apr push` from their words to their result: plain data in, so that the same can be done again.

interface Common {
  readonly retries: number;
  /** How long a connection may stand still. */
  readonly stallMs: number;
  readonly plainHttp: boolean;
  /** Absolute. */
  readonly store: string;
}

export interface PullCommand extends Common {
  readonly kind: "pull";
  /** The model's REF as it may be recorded, without secrets, and further sources. */
  readonly ref: string;
  readonly from: readonly string[];
  /** The same, as they can be opened. */
  readonly open: readonly string[];
  /** A source that cannot be opened is one that fails. */
  readonly lenient: boolean;
  /** The tag; null when only the opened source can tell. */
  readonly target: string | null;
  readonly replace: boolean;
  readonly ollamaUrl: string | null;
  /** Another hub than Hugging Face's own. */
  readonly hubEndpoint: string | null;
  /** Absolute: where relative paths begin. */
  readonly workingFolder: string;
}

export interface PushCommand extends Common {
  readonly kind: "push";
  readonly tag: string;
  readonly host: string;
  readonly repository: string;
  /** The tag at the registry. */
  readonly reference: string;
  readonly force: boolean;
  readonly mountFrom: readonly string[];
}

/** What a command needs of the outside, besides its world. */
export interface CommandPorts {
  readonly world: TransferWorld;
  readonly logins: Logins;
  readonly describe: DescribeModel;
}

export interface CommandHooks<News> {
  readonly emit: EmitTransfer;
  readonly tell: (news: News) => void;
  readonly signal: AbortSignal;
}

/** A registry may hash tens of gigabytes before it answers the last request of an upload. */
const ANSWER_TIMEOUT_MS = 300_000;

/** Opens the sources and pulls: see `pull`. */
export async function pullCommand(
  { describe, logins, world }: CommandPorts,
  command: PullCommand,
  { emit, signal, tell }: CommandHooks<TransferNews>,
): Promise<Pulled> {
  const { from, hubEndpoint, ollamaUrl, plainHttp, ref, replace, retries, stallMs, workingFolder } = command;
  const deps: RemoteDeps = {
    ...{ world, logins, workingFolder, hubEndpoint },
    client: httpClient(world.net, { headTimeoutMs: stallMs, idleTimeoutMs: stallMs }),
  };
  const options = { plainHttp, ...(ollamaUrl === null ? {} : { ollamaUrl: new URL(ollamaUrl) }) };
  const remotes = await Promise.all(command.open.map((text) => open(deps, text, options, command.lenient)));
  const target = command.target === null ? await tagOf(remotes[0], signal) : parseRef(command.target);
  const store = await openOrMakeStore(world, command.store);
  return pull(world, store, {
    ...{ ref, from, remotes, target, replace, describe, emit, tell, signal },
    options: { retries, stallMs },
  });
}

/** Opens the registry and pushes: see `push`. */
export async function pushCommand(
  { logins, world }: CommandPorts,
  command: PushCommand,
  { emit, signal, tell }: CommandHooks<PushProgress>,
): Promise<Pushed> {
  const { force, host, mountFrom, plainHttp, reference, repository, retries, stallMs } = command;
  const ref = parseRef(command.tag);
  const store = await requireStore(world, command.store);
  const client = httpClient(world.net, {
    headTimeoutMs: Math.max(ANSWER_TIMEOUT_MS, stallMs),
    idleTimeoutMs: stallMs,
  });
  const deps = { world, client, credentials: logins.registry };
  const api = openRegistry(deps, { host, repository, plainHttp, scope: "pull,push", mountFrom });
  return push(world, store, api, {
    ...{ ref, reference, force, mountFrom, emit, signal },
    limits: { tries: retries },
    onProgress: tell,
  });
}

/** With `lenient`, a source that cannot even be opened is no reason to stop where another one was named. */
async function open(
  deps: RemoteDeps,
  text: string,
  options: RemoteOptions,
  lenient: boolean,
): Promise<Remote> {
  try {
    return await openReference(deps, parseReference(text, options), options);
  } catch (thrown) {
    const error = asAprError(thrown);
    if (!lenient) throw error;
    const dead = new AprError("network", error.message, { fields: error.fields, cause: thrown });
    return {
      name: text,
      tag: null,
      resolve: () => Promise.reject(dead),
      blob: () => Promise.reject(dead),
    };
  }
}

/** The tag that a remote gives by itself. One that has no model to pull says so first. */
async function tagOf(remote: Remote | undefined, signal: AbortSignal): Promise<Ref> {
  if (remote?.tag !== undefined && remote.tag !== null) return remote.tag;
  await remote?.resolve(signal);
  throw new AprError("usage", "this name does not make a tag of the store", {
    hint: "say one: --as name:tag",
    fields: { code: "no-tag" },
  });
}
