import { isSafeRef, nameFrom, type Ref } from "../../store/ref.ts";
import { type HubReference, invalidRef, shown } from "./reference-kinds.ts";

/** Names of organisations and repositories on the hub. */
const HUB_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_]|[.-](?![.-]))*$/;
const MAX_HUB_NAME = 96;
/** One part of a Git revision. */
const REVISION_PART = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,254}$/;
const MAX_PATH = 1024;
/** A file name on every file system. */
const MAX_PART_BYTES = 255;
/** Other kinds of repositories. They hold no models. */
const OTHER_KINDS: readonly string[] = ["datasets", "spaces", "buckets"];
/** One file of several; the model's name is the first group. */
export const SHARD: RegExp = /^(.*)-(\d{5})-of-(\d{5})\.(gguf|safetensors)$/i;
export const WEIGHTS: RegExp = /\.(gguf|safetensors)$/i;

/** Reads what follows `hf://`: `org/repo[@rev]/path/to/file`. Throws `usage`. */
export function parseHub(rest: string): HubReference {
  const text = `hf://${rest}`;
  const [organisation = "", second = "", ...more] = rest.split("/");
  if (OTHER_KINDS.includes(organisation)) throw invalidRef(`not a model repository: ${shown(text)}`);
  const at = second.indexOf("@");
  const repository = at === -1 ? second : second.slice(0, at);
  if (!isHubName(organisation) || !isHubName(repository)) throw badForm(text);
  const { revision, path: parts } =
    at === -1 ? { revision: "main", path: more } : readRevision(second.slice(at + 1), more);
  if (!revision.split("/").every((part) => REVISION_PART.test(part) && !part.includes("..")))
    throw invalidRef(`not a revision: ${shown(text)}`, "a branch, a tag or a commit; write / in it as %2F");
  const path = parts.join("/");
  if (path === "") throw badForm(text);
  if (path.length > MAX_PATH || !parts.every(isPlainPart))
    throw invalidRef(`not a plain path in the repository: ${shown(text)}`);
  if (/\.index\.json$/i.test(path))
    throw invalidRef(
      `an index is no model: ${shown(text)}`,
      "name one of its shards: all of them come, and the index with them",
    );
  const pinned = revision === "main" ? "" : `@${revision.replaceAll("/", "%2F")}`;
  return {
    kind: "hugging-face",
    organisation,
    repository,
    revision,
    path,
    formatted: `hf://${organisation}/${repository}${pinned}/${path}`,
    secret: false,
    defaultTag: hubTag(organisation, repository, path),
  };
}

/** `refs/pr/1` and `refs/convert/x` may be written with their slashes, as the hub's own tools take them. */
function readRevision(first: string, more: readonly string[]): { revision: string; path: readonly string[] } {
  if (first === "refs" && (more[0] === "pr" || more[0] === "convert")) {
    return { revision: `refs/${more[0]}/${more[1] ?? ""}`, path: more.slice(2) };
  }
  return { revision: first.replace(/%2f/gi, "/"), path: more };
}

/** The same tag that adopting a cache of this repository gives one file of it. */
function hubTag(namespace: string, name: string, path: string): Ref | null {
  const shard = SHARD.exec(path);
  const stem = shard?.[1] ?? path.replace(WEIGHTS, "");
  const ref = { host: "huggingface.co", namespace, name, tag: nameFrom(stem.replaceAll("/", "-")) };
  return isSafeRef(ref) ? ref : null;
}

function isHubName(name: string): boolean {
  return name.length <= MAX_HUB_NAME && HUB_NAME.test(name);
}

/** A part of a relative path that can never lead out of its folder. */
export function isPlainPart(part: string): boolean {
  if (part === "" || part === "." || part === ".." || /[\p{Cc}\\]/u.test(part)) return false;
  return new TextEncoder().encode(part).length <= MAX_PART_BYTES;
}

function badForm(text: string): Error {
  return invalidRef(
    `not a file of a repository: ${shown(text)}`,
    "hf://org/repo/file.gguf or hf://org/repo@revision/file.gguf",
  );
}
