import type { Digest } from "../../store/digest.ts";
import { manifestPath, manifestV2Path } from "../../store/layout.ts";
import { MAX_FOLDER_ENTRIES } from "../../store/limits.ts";
import { namedBy, parseManifest } from "../../store/manifest.ts";
import { isSafeRef, type Ref } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import { manifestDigest, readTag } from "../../store/tags.ts";
import { type Repository, repositoryFolders } from "./names.ts";

/** What one tag names. Of an unreadable one: nothing. */
interface KnownTag {
  /** Tells this version of the tag's file from any other. */
  readonly stamp: string;
  readonly own: Digest | null;
  /** Manifests of its list. */
  readonly manifests: ReadonlySet<Digest>;
  /** Everything that it names, those manifests too. */
  readonly named: ReadonlySet<Digest>;
}

/** All tags together: about 20 MB. */
const MAX_KNOWN_DIGESTS = 200_000;
/** Where a blob was found before: a server's busy blobs, each under a name or two. */
const MAX_HINTS = 20_000;

/** A few milliseconds' worth: then other requests have their turn. */
const LOOKS_AT_A_TIME = 100;

/** Which tag of a name names what. Nothing is believed without a look at the tag's file. */
export class TagIndex {
  readonly #store: Store;
  /** Least recently used first. */
  readonly #known = new Map<string, KnownTag>();
  readonly #hints = new Map<string, string>();
  #digests = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Tags of a name, readable or not, in no order. */
  async tags(repository: Repository): Promise<string[]> {
    const tags = new Set<string>();
    for (const folder of repositoryFolders(this.#store, repository)) {
      for (const { name, kind } of (await this.#store.world.files.entries(folder, MAX_FOLDER_ENTRIES)) ??
        []) {
        if (kind !== "folder" && isSafeRef({ ...repository, tag: name })) tags.add(name);
      }
    }
    return [...tags];
  }

  /** True when a tag of this name names the blob. */
  async namesBlob(repository: Repository, digest: Digest): Promise<boolean> {
    return (await this.#find(repository, `blob ${digest}`, ({ named }) => named.has(digest))) !== null;
  }

  /** The tag whose manifest this is, or whose list holds it; null when there is none. */
  async tagOfManifest(repository: Repository, digest: Digest): Promise<string | null> {
    const holds = ({ own, manifests }: KnownTag): boolean => own === digest || manifests.has(digest);
    return this.#find(repository, `manifest ${digest}`, holds);
  }

  async #find(
    repository: Repository,
    what: string,
    holds: (tag: KnownTag) => boolean,
  ): Promise<string | null> {
    const { host, namespace, name } = repository;
    const key = `${host}/${namespace}/${name} ${what}`;
    const hinted = await this.#hinted(repository, key, holds);
    if (hinted !== null) return hinted;
    // One after the other: requests for one blob mostly come together, and the first one finds it for all.
    const turn = this.#turn.then(
      async () => (await this.#hinted(repository, key, holds)) ?? this.#scan(repository, key, holds),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #hinted(
    repository: Repository,
    key: string,
    holds: (tag: KnownTag) => boolean,
  ): Promise<string | null> {
    const tag = this.#hints.get(key);
    if (tag === undefined) return null;
    if (holds(await this.#look({ ...repository, tag }))) return tag;
    this.#hints.delete(key);
    return null;
  }

  async #scan(
    repository: Repository,
    key: string,
    holds: (tag: KnownTag) => boolean,
  ): Promise<string | null> {
    let looked = 0;
    for (const tag of await this.tags(repository)) {
      looked += 1;
      if (looked % LOOKS_AT_A_TIME === 0) await this.#store.world.timers.sleep(0);
      if (!holds(await this.#look({ ...repository, tag }))) continue;
      const [oldest] = this.#hints.keys();
      if (this.#hints.size >= MAX_HINTS && oldest !== undefined) this.#hints.delete(oldest);
      this.#hints.set(key, tag);
      return tag;
    }
    return null;
  }

  async #look(ref: Ref): Promise<KnownTag> {
    const path = manifestPath(this.#store.root, ref);
    // Before it is read: a change in between shows as another stamp next time.
    const stamp = await this.#stampOf(ref);
    const before = this.#known.get(path);
    if (before !== undefined) {
      this.#known.delete(path);
      if (before.stamp === stamp) {
        this.#known.set(path, before);
        return before;
      }
      this.#digests -= weightOf(before);
    }
    const now = await this.#read(ref, stamp);
    if (stamp !== GONE) this.#keep(path, now);
    return now;
  }

  async #read(ref: Ref, stamp: string): Promise<KnownTag> {
    const entry = stamp === GONE ? null : await readTag(this.#store, ref);
    if (entry?.kind !== "tag") return { stamp, own: null, manifests: new Set(), named: new Set() };
    const outcome = parseManifest(entry.bytes);
    const isList = outcome.kind === "manifest" && outcome.manifest.kind === "list";
    return {
      stamp,
      own: manifestDigest(this.#store, entry.bytes),
      manifests: new Set(isList ? namedBy(outcome.manifest) : []),
      named: new Set(entry.named),
    };
  }

  #keep(path: string, tag: KnownTag): void {
    const other = this.#known.get(path);
    if (other !== undefined) this.#digests -= weightOf(other);
    this.#known.delete(path);
    this.#known.set(path, tag);
    this.#digests += weightOf(tag);
    for (const [oldest, { named, manifests }] of this.#known) {
      if (this.#digests <= MAX_KNOWN_DIGESTS || oldest === path) return;
      this.#known.delete(oldest);
      this.#digests -= weightOf({ named, manifests });
    }
  }

  async #stampOf(ref: Ref): Promise<string> {
    const { files } = this.#store.world;
    const facts =
      (await files.facts(manifestPath(this.#store.root, ref))) ??
      (await files.facts(manifestV2Path(this.#store.root, ref)));
    if (facts === null) return GONE;
    return `${facts.kind} ${facts.inode} ${facts.sizeBytes} ${facts.modifiedNs} ${facts.changedNs}`;
  }
}

const GONE = "gone";

/** A tag costs room even when it names nothing. */
function weightOf({ named, manifests }: Pick<KnownTag, "named" | "manifests">): number {
  return named.size + manifests.size + 4;
}
