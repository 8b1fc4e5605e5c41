import { AprError, systemCode } from "../base/errors.ts";
import { stringifyJson } from "../base/json.ts";
import type { Digest } from "./digest.ts";
import { ingestFolder } from "./layout.ts";
import { ensureFolders, type Store } from "./store.ts";

// One piece of work is one folder in `ingest/`: its lease, and everything that it has not finished.
//
// The lease names the blobs that the work needs, so that gc keeps them. It is renewed while the work goes on,
// and it runs out by the wall clock, so that work of a dead machine holds nothing for ever.
//
// A lease may also end too early: a machine slept, a clock jumped. So nothing depends on it. Whoever breaks a
// lease renames the whole folder away, in one step. Every later step of the work then fails, above all the
// link that publishes its manifest, because that is a link *from* this folder. A manifest can therefore never
// appear once gc has stopped counting what it names.

/** How long a lease holds after its last renewal. */
export const LEASE_MS: number = 15 * 60_000;
const RENEW_MS = 5 * 60_000;
/** Without a reason of its own each abort makes an error with a stack. */
const OVER = "over";

export interface Work {
  readonly folder: string;
  /** Adds blobs to the lease. Only what is looked at *after* this is safe from gc. */
  name(digests: readonly Digest[]): Promise<void>;
}

/** What a lease file holds. */
export interface LeaseDocument {
  readonly holder: { readonly host: string; readonly pid: number };
  readonly expiresMs: number;
  readonly digests: readonly string[];
}

/**
 * Does one piece of work under a lease, and leaves nothing of it in `ingest/`, however it ends.
 * When the lease was broken meanwhile, it throws `LeaseLost`.
 */
export async function withWork<T>(store: Store, use: (work: Work) => Promise<T>): Promise<T> {
  const held = await begin(store);
  const over = new AbortController();
  const renewal = keepRenewed(store, held, over.signal);
  try {
    return await use(held);
  } catch (error) {
    // A missing folder explains every missing file in it.
    if (systemCode(error) === "ENOENT" && !(await isThere(store, held.folder))) throw new LeaseLost(error);
    throw error;
  } finally {
    over.abort(OVER);
    await renewal;
    await clear(store, held.folder);
  }
}

/** The lease was broken: nothing was published, and the work may simply be done again. */
export class LeaseLost extends AprError {
  constructor(cause?: unknown) {
    super("io", "apr gc took this work for dead and cleared it away", {
      hint: "run the same command again",
      fields: { code: "lease-lost" },
      cause,
    });
  }
}

class Held implements Work {
  readonly folder: string;
  readonly #store: Store;
  readonly #digests = new Set<Digest>();
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.folder = folder;
  }

  async name(digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) this.#digests.add(digest);
    await this.write();
  }

  /** One write after the other: the work and the renewal use one temporary name. */
  async write(): Promise<void> {
    const turn = this.#writing.catch(() => undefined).then(() => this.#replace());
    this.#writing = turn;
    await turn;
  }

  /** Replaced in one step: nobody ever reads half a lease. */
  async #replace(): Promise<void> {
    const { clock, files, host } = this.#store.world;
    const document: LeaseDocument = {
      holder: { host: host.name, pid: host.pid },
      expiresMs: Math.round(clock.wallMs() + LEASE_MS),
      digests: [...this.#digests],
    };
    const next = `${this.folder}/lease.next`;
    await files.write(next, stringifyJson({ ...document }));
    if (!(await files.move(next, `${this.folder}/lease`))) throw new LeaseLost();
  }
}

async function begin(store: Store): Promise<Held> {
  const { files, host, random } = store.world;
  const unique = Buffer.from(random.bytes(6)).toString("hex");
  const folder = `${ingestFolder(store.root)}/${holderName(host)}.${unique}`;
  if (!(await makeIn(store, folder))) throw new Error(`${folder} is there already`);
  const held = new Held(store, folder);
  try {
    await held.write();
  } catch (error) {
    await files.remove(folder);
    throw error;
  }
  return held;
}

async function makeIn(store: Store, folder: string): Promise<boolean> {
  try {
    return await store.world.files.makeOneFolder(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await ensureFolders(store);
    return store.world.files.makeOneFolder(folder);
  }
}

/** The beginning of a work folder's name: work that died before it wrote a lease tells by it whose it was. */
export function holderName({ name, pid }: { readonly name: string; readonly pid: number }): string {
  return `${name.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 63)}.${pid}`;
}

async function keepRenewed(store: Store, held: Held, over: AbortSignal): Promise<void> {
  for (;;) {
    await store.world.timers.sleep(RENEW_MS, over);
    if (over.aborted) return;
    try {
      await held.write();
    } catch {
      // It runs out then, which the work itself will notice.
    }
  }
}

/** Most work leaves its lease alone. */
async function clear(store: Store, folder: string): Promise<void> {
  const { files } = store.world;
  await files.unlink(`${folder}/lease`);
  if (!(await files.removeEmptyFolder(folder))) await files.remove(folder);
}

async function isThere(store: Store, folder: string): Promise<boolean> {
  return (await store.world.files.facts(folder)) !== null;
}
