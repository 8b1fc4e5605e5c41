import { TraceBuffer, type TraceEvent } from "../../../src/evidence/trace.ts";
import type { EmitTransfer } from "../../../src/evidence/transfer-events.ts";
import { judgeTransfer } from "../../../src/oracles/judge.ts";
import { requireTag } from "../../../src/store/copy-tag.ts";
import type { Digest } from "../../../src/store/digest.ts";
import { parseRef } from "../../../src/store/ref.ts";
import type { Store } from "../../../src/store/store.ts";
import { basicHeader, anonymous, fixedAuthorizer } from "../../../src/transfer/http/authorizers.ts";
import { httpClient } from "../../../src/transfer/http/client.ts";
import { push } from "../../../src/transfer/push/push.ts";
import type { Pushed, PushProgress, PushRequest } from "../../../src/transfer/push/types.ts";
import type { RegistryApi } from "../../../src/transfer/registry/api.ts";
import { nodeTransferWorld } from "../../../src/world/node/transfer-world.ts";

export interface Pushing {
  readonly result: Promise<Pushed>;
  readonly events: readonly TraceEvent[];
  readonly progress: readonly PushProgress[];
}

/** A repository on this machine's loopback. */
export function apiAt(
  host: string,
  repository: string,
  login?: { user: string; password: string },
): RegistryApi {
  const origin = new URL(`http://${host}/`);
  return {
    name: `${host}/${repository}`,
    repository,
    url: (path) => new URL(path.startsWith("/") ? path : `/v2/${repository}/${path}`, origin),
    client: httpClient(nodeTransferWorld.net, { headTimeoutMs: 5000, idleTimeoutMs: 5000 }),
    auth: login === undefined ? anonymous : fixedAuthorizer(origin, basicHeader(login.user, login.password)),
  };
}

/** Short waits, so that a test of failures is over soon. */
const QUICK = { firstWaitMs: 10, longestWaitMs: 40 };

/** Pushes a tag and keeps everything that is told meanwhile. */
export function startPush(
  store: Store,
  api: RegistryApi,
  tag: string,
  options: Partial<Omit<PushRequest, "ref">> = {},
): Pushing {
  const trace = new TraceBuffer(nodeTransferWorld.clock);
  const progress: PushProgress[] = [];
  const emit: EmitTransfer = (kind, data) => trace.emit(kind, { ...data });
  const request: PushRequest = {
    ref: parseRef(tag),
    reference: "v1",
    force: false,
    mountFrom: [],
    signal: new AbortController().signal,
    ...options,
    emit,
    onProgress: (each) => {
      progress.push(each);
      options.onProgress?.(each);
    },
    limits: { ...QUICK, ...options.limits },
  };
  return { result: push(nodeTransferWorld, store, api, request), events: trace.events, progress };
}

/** What a trace must never show, whatever happened; empty when it is sound. */
export function traceFaults(events: readonly TraceEvent[]): string[] {
  const faults: string[] = [];
  const pairs = [
    ...[["region_created", "region_close_complete", "region"] as const],
    ...[["spawn", "complete", "task"] as const],
  ];
  for (const [opens, closes, key] of pairs) faults.push(...unpaired(events, [opens], [closes], key));
  faults.push(...unpaired(events, ["reserve"], ["commit", "abort"], "id"));
  faults.push(...unpaired(events, ["path_chosen"], ["path_done", "path_failed", "race_lost"], "attempt"));
  const closed = events.findIndex(({ kind }) => kind === "region_close_complete");
  const late = events.slice(closed + 1).filter(({ kind }) => kind !== "commit" && kind !== "abort");
  if (late.length > 0) faults.push(`after the end: ${late.map(({ kind }) => kind).join(", ")}`);
  const judged = judgeTransfer(events, { name: "push" });
  if (!judged.clean) faults.push(...judged.violations.map(({ description }) => description));
  if (events.some(({ kind }) => kind === "published") && !judged.passed)
    faults.push("the oracle does not pass");
  const text = JSON.stringify(events);
  if (/secret|_state|uploads\//.test(text)) faults.push("a secret in the trace");
  return faults;
}

function unpaired(
  events: readonly TraceEvent[],
  opens: readonly string[],
  closes: readonly string[],
  key: string,
): string[] {
  const count = (kinds: readonly string[], id: unknown): number =>
    events.filter(({ kind, data }) => kinds.includes(kind) && data?.[key] === id).length;
  const ids = new Set(
    events.filter(({ kind }) => [...opens, ...closes].includes(kind)).map(({ data }) => data?.[key]),
  );
  return [...ids]
    .filter((id) => count(opens, id) !== 1 || count(closes, id) !== 1)
    .map((id) => `${opens.join("/")} ${JSON.stringify(id)} did not end exactly once`);
}

/** The digest of a tag's model file. */
export async function layerOf(store: Store, tag: string): Promise<Digest> {
  const entry = await requireTag(store, parseRef(tag));
  const [layer] = entry.image.layers;
  if (layer === undefined) throw new Error(`${tag} has no layer`);
  return layer.digest;
}
