import { type Digest, isDigest } from "../../store/digest.ts";
import { isSafeRef, LOCAL, type Ref } from "../../store/ref.ts";
import { invalidRef, type OllamaReference, type RegistryReference, shown } from "./reference-kinds.ts";
import { WEIGHTS } from "./reference-hub.ts";

/** A name or an address, as it stands in a URL, with its port. */
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;
/** The distribution specification's grammar of one part of a repository's name. */
const REPOSITORY_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** Many registries bound host and name together by this. */
const MAX_NAME = 255;

/** Reads `name[:tag]`, `namespace/name[:tag]` and `host[:port]/path/name[:tag|@sha256:…]`. Throws `usage`. */
export function parseRegistry(text: string): RegistryReference | OllamaReference {
  const slash = text.indexOf("/");
  const first = slash === -1 ? "" : text.slice(0, slash);
  if (!isHost(first)) return parseShort(text, text);
  if (!HOST.test(first) || Number(HOST.exec(first)?.[1] ?? 1) > 65_535)
    throw invalidRef(`not a host: ${shown(first)} in ${shown(text)}`);
  const host = first.toLowerCase();
  const { name, tag, digest } = splitName(text.slice(slash + 1), text);
  if (host === LOCAL.host && digest === null && name.split("/").length <= 2)
    return parseShort(text.slice(slash + 1), text);
  const parts = name.split("/");
  if (host.length + 1 + name.length > MAX_NAME || !parts.every((part) => REPOSITORY_PART.test(part)))
    throw invalidRef(
      `not a repository's name: ${shown(name)} in ${shown(text)}`,
      "lower-case letters, digits and single . _ - between them; 255 characters with the host",
    );
  const end = digest === null ? `:${tag ?? "latest"}` : `${tag === null ? "" : `:${tag}`}@${digest}`;
  return {
    kind: "registry",
    host,
    repository: name,
    target: digest === null ? { kind: "tag", tag: tag ?? "latest" } : { kind: "digest", digest },
    formatted: `${host}/${name}${end}`,
    secret: false,
    // A digest alone gives no name for the tag.
    defaultTag: digest !== null && tag === null ? null : tagOf(host, parts, tag ?? "latest"),
  };
}

/** Reads `[namespace/]name[:tag]` of Ollama's registry; `text` is the whole REF, for errors. Throws `usage`. */
export function parseShort(rest: string, text: string): OllamaReference {
  const { name: path, tag: told, digest } = splitName(rest, text);
  const parts = path.split("/");
  if (digest !== null || parts.length > 2)
    throw invalidRef(`not a model of Ollama's registry: ${shown(text)}`);
  const [namespace = "", name = ""] = parts.length === 1 ? [LOCAL.namespace, ...parts] : parts;
  const ref: Ref = { host: LOCAL.host, namespace, name, tag: told ?? "latest" };
  if (!isSafeRef(ref)) throw invalidRef(`not a REF: ${shown(text)}`);
  if (told === null && WEIGHTS.test(name) && rest === text)
    throw invalidRef(`this names a registry, not a file: ${shown(text)}`, `for the file write ./${text}`);
  // Without its scheme such a namespace would be read as a host.
  const scheme = isHost(namespace) ? "ollama://" : "";
  const short = namespace === LOCAL.namespace ? name : `${scheme}${namespace}/${name}`;
  return {
    kind: "ollama",
    namespace,
    name,
    tag: ref.tag,
    formatted: `${short}:${ref.tag}`,
    secret: false,
    defaultTag: ref,
  };
}

/** What a first part must look like to be a host: Docker's rule. */
function isHost(first: string): boolean {
  return first === "localhost" || /[.:]/.test(first);
}

interface NameParts {
  readonly name: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

function splitName(rest: string, text: string): NameParts {
  const at = rest.indexOf("@");
  const digest = at === -1 ? null : rest.slice(at + 1);
  if (digest !== null && !isDigest(digest))
    throw invalidRef(`not a digest after @: ${shown(text)}`, "@sha256: and 64 lower-case hexadecimal digits");
  const before = at === -1 ? rest : rest.slice(0, at);
  const colon = before.indexOf(":", before.lastIndexOf("/") + 1);
  const name = colon === -1 ? before : before.slice(0, colon);
  const tag = colon === -1 ? null : before.slice(colon + 1);
  if (tag !== null && !TAG.test(tag)) throw invalidRef(`not a tag: ${shown(text)}`);
  return { name, tag, digest };
}

/** A store's tag has three parts; a deeper repository has no place among them. */
function tagOf(host: string, parts: readonly string[], tag: string): Ref | null {
  if (parts.length > 2) return null;
  const [namespace = "", name = ""] = parts.length === 1 ? [LOCAL.namespace, ...parts] : parts;
  const ref = { host, namespace, name, tag };
  return isSafeRef(ref) ? ref : null;
}
