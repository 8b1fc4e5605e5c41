import { manifestsFolder, MANIFESTS_V2 } from "../../store/layout.ts";
import { MAX_FOLDER_ENTRIES } from "../../store/limits.ts";
import { isSafeRef, LOCAL, type Ref } from "../../store/ref.ts";
import type { Store } from "../../store/store.ts";
import type { ServedName } from "./route.ts";

// Names of the store as names of a registry:
//
//   qwen:0.5b                       qwen, library/qwen, registry.ollama.ai/library/qwen
//   hf.co/org/model:Q4              hf.co/org/model, and org/model where no other host has it
//   127.0.0.1:5000/a/model:latest   127.0.0.1_5000/a/model: a registry's names have no colon, and hosts no underscore
//
// A registry's names are lower case; where a name of the store is not, its lower-case form stands for it as well.

/** All tags of one name. */
export type Repository = Omit<Ref, "tag">;

export type Found =
  | { readonly kind: "found"; readonly repository: Repository }
  | { readonly kind: "none" }
  /** Several hosts have that name. */
  | { readonly kind: "ambiguous" };

/** Aliases that are remembered: more than this many are asked for by nobody at once. */
const MAX_ALIASES = 1000;

export class Names {
  readonly #store: Store;
  readonly #aliases = new Map<string, Repository>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The repository that a name stands for. */
  async find(name: ServedName): Promise<Found> {
    const direct = directly(name);
    for (const repository of direct) {
      if (await this.#isThere(repository)) return { kind: "found", repository };
    }
    const wanted = name.join("/");
    const known = this.#aliases.get(wanted);
    if (known !== undefined && (await this.#isThere(known))) return { kind: "found", repository: known };
    this.#aliases.delete(wanted);
    const found = lookUp(await repositories(this.#store), wanted);
    if (found.kind === "found") this.#remember(wanted, found.repository);
    return found;
  }

  /** Where a push to a name goes: what is there under this spelling, else a new repository. */
  async findOrMake(name: ServedName): Promise<Repository | null> {
    const direct = directly(name);
    for (const repository of direct) if (await this.#isThere(repository)) return repository;
    const [first] = direct.slice(-1);
    if (name.length !== 2) return first ?? null;
    const found = lookUp(await repositories(this.#store), name.join("/"));
    if (found.kind === "ambiguous") return null;
    return found.kind === "found" ? found.repository : (first ?? null);
  }

  /** Every repository under the name that clients should use, sorted as registries sort. */
  async all(): Promise<string[]> {
    const names = (await repositories(this.#store)).map((repository) => servedForms(repository)[0] ?? "");
    const taken = new Set(names);
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
    const clear = (lower: string): boolean => counts.get(lower) === 1 && !taken.has(lower);
    return sortNames(names.map((name) => (clear(name.toLowerCase()) ? name.toLowerCase() : name)));
  }

  async #isThere(repository: Repository): Promise<boolean> {
    for (const folder of repositoryFolders(this.#store, repository)) {
      if ((await this.#store.world.files.facts(folder))?.kind === "folder") return true;
    }
    return false;
  }

  #remember(name: string, repository: Repository): void {
    const [oldest] = this.#aliases.keys();
    if (this.#aliases.size >= MAX_ALIASES && oldest !== undefined) this.#aliases.delete(oldest);
    this.#aliases.set(name, repository);
  }
}

/** Where the tags of a repository lie: the classic form first. */
export function repositoryFolders({ root }: Pick<Store, "root">, repository: Repository): readonly string[] {
  const { host, namespace, name } = repository;
  const path = `${host}/${namespace}/${name}`;
  return [`${root}/manifests/${path}`, `${root}/${MANIFESTS_V2}/${path}`];
}

/** Case-insensitive, as the specification has it. */
export function sortNames(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, lower: name.toLowerCase() }));
  keyed.sort((a, b) => compare(a.lower, b.lower) || compare(a.name, b.name));
  return keyed.map(({ name }) => name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What a name says by itself, likeliest first; the last one is where a push would make it. */
function directly(name: ServedName): readonly Repository[] {
  const [first = "", second = "", third = ""] = name;
  if (name.length === 1) return [{ ...LOCAL, name: first }];
  if (name.length === 2) return [{ host: LOCAL.host, namespace: first, name: second }];
  const withPort = first.replace(/_([0-9]{1,5})$/, ":$1");
  const hosts = withPort === first ? [first] : [first, withPort];
  return hosts.map((host) => ({ host, namespace: second, name: third }));
}

function lookUp(all: readonly Repository[], wanted: string): Found {
  const exact = all.filter((repository) => servedForms(repository).includes(wanted));
  const lower = (repository: Repository): readonly string[] =>
    servedForms(repository).map((form) => form.toLowerCase());
  const found = exact.length > 0 ? exact : all.filter((repository) => lower(repository).includes(wanted));
  const [repository] = found;
  if (repository === undefined) return { kind: "none" };
  return found.length === 1 ? { kind: "found", repository } : { kind: "ambiguous" };
}

function servedForms({ host, namespace, name }: Repository): readonly string[] {
  const full = `${host.replace(":", "_")}/${namespace}/${name}`;
  const short = `${namespace}/${name}`;
  if (host !== LOCAL.host) return [full, short];
  return namespace === LOCAL.namespace ? [name, short, full] : [full, short];
}

/** host, namespace, name */
const LEVELS = 3;

/** Every repository of the store. No manifest is read. */
async function repositories(store: Store): Promise<Repository[]> {
  const found = new Map<string, Repository>();
  const waiting: { readonly folder: string; readonly parts: readonly string[] }[] = [
    { folder: manifestsFolder(store.root), parts: [] },
    { folder: `${store.root}/${MANIFESTS_V2}`, parts: [] },
  ];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { folder, parts } = place;
    for (const { name, kind } of (await store.world.files.entries(folder, MAX_FOLDER_ENTRIES)) ?? []) {
      if (kind !== "folder") continue;
      if (parts.length < LEVELS - 1) {
        waiting.push({ folder: `${folder}/${name}`, parts: [...parts, name] });
        continue;
      }
      const [host = "", namespace = ""] = parts;
      const repository = { host, namespace, name };
      if (isSafeRef({ ...repository, tag: "latest" })) found.set([...parts, name].join("/"), repository);
    }
  }
  return [...found.values()];
}
