import { systemCode } from "../base/errors.ts";
import { isJsonArray, isJsonObject, parseJson } from "../base/json.ts";
import { type Digest, isDigest } from "./digest.ts";
import { ingestFolder, quarantinedWork } from "./layout.ts";
import { MAX_FOLDER_ENTRIES, MAX_LEASE_BYTES } from "./limits.ts";
import type { Store } from "./store.ts";
import { eachTag, type TagEntry } from "./tags.ts";
import { holderName, LEASE_MS, type LeaseDocument } from "./work.ts";

export type Unreadable = TagEntry & { readonly kind: "unreadable" };

/** What may not be deleted, as seen at one moment. */
export interface Marks {
  readonly named: ReadonlySet<Digest>;
  readonly unreadable: readonly Unreadable[];
  /** Folders of work that is over: its process has ended, or its lease has run out. */
  readonly dead: readonly string[];
}

/** A clock that runs this far ahead is not believed. */
const MAX_LEASE_AHEAD_MS = 4 * LEASE_MS;
const NS_PER_MS = 1_000_000n;

/**
 * Looks at leases first and at manifests second: work that ends in between has published by then.
 * With `breaker`, dead work is renamed into quarantine under that name, in one step, before manifests are read.
 */
export async function takeMarks(store: Store, breaker: string | null): Promise<Marks> {
  const named = new Set<Digest>();
  const dead: string[] = [];
  const { files } = store.world;
  for (const { name } of (await files.entries(ingestFolder(store.root), MAX_FOLDER_ENTRIES)) ?? []) {
    const folder = `${ingestFolder(store.root)}/${name}`;
    const lease = await readLease(store, folder, name);
    const dies = lease.kind === "dead" && (breaker === null || (await broken(store, folder, name, breaker)));
    if (dies) dead.push(name);
    else for (const digest of lease.digests) named.add(digest);
  }
  const unreadable: Unreadable[] = [];
  for await (const tag of eachTag(store)) {
    if (tag.kind === "unreadable") unreadable.push(tag);
    else for (const digest of tag.named) named.add(digest);
  }
  return { named, unreadable, dead };
}

/** False for another user's folder, which this one may not move: work that cannot be broken counts as live. */
async function broken(store: Store, folder: string, name: string, breaker: string): Promise<boolean> {
  try {
    await store.world.files.move(folder, quarantinedWork(store.root, name, breaker));
    return true;
  } catch (error) {
    if (systemCode(error) !== "EACCES" && systemCode(error) !== "EPERM") throw error;
    return false;
  }
}

interface Lease {
  readonly kind: "live" | "dead";
  readonly digests: readonly Digest[];
}

async function readLease(store: Store, folder: string, name: string): Promise<Lease> {
  const { clock, files, host, processes } = store.world;
  const now = clock.wallMs();
  const pid = Number(name.split(".")[1]);
  const ours =
    Number.isSafeInteger(pid) && pid > 0 && name.startsWith(`${holderName({ name: host.name, pid })}.`);
  const ended = ours && !processes.isAlive(pid);
  const read = await files.readSmall(`${folder}/lease`, MAX_LEASE_BYTES);
  const lease = read.kind === "bytes" ? parseLease(read.bytes) : null;
  if (lease === null) {
    // Just begun, so it has named nothing yet; or it never came to writing one.
    const facts = await files.facts(folder);
    const idleMs = facts === null ? 0 : now - Number(facts.modifiedNs / NS_PER_MS);
    return { kind: ended || idleMs > LEASE_MS ? "dead" : "live", digests: [] };
  }
  const { expiresMs } = lease;
  const over = expiresMs <= now || expiresMs > now + MAX_LEASE_AHEAD_MS;
  return { kind: ended || over ? "dead" : "live", digests: lease.digests.filter(isDigest) };
}

function parseLease(bytes: Uint8Array): LeaseDocument | null {
  try {
    const root = parseJson(new TextDecoder().decode(bytes));
    if (!isJsonObject(root) || !isJsonObject(root["holder"])) return null;
    const { host, pid } = root["holder"];
    const { expiresMs, digests } = root;
    if (typeof host !== "string" || typeof pid !== "number" || typeof expiresMs !== "number") return null;
    if (!isJsonArray(digests)) return null;
    return { holder: { host, pid }, expiresMs, digests: digests.filter((each) => typeof each === "string") };
  } catch {
    return null;
  }
}
